"""The generated Go SDK: a program is compiled with it, and run on the real engine."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from sandbox.engine.versions import MODULE, SDK, pulumi_version
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox
from tests.languages.examples import EXAMPLES, example

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not shutil.which("go"), reason="Go is not installed, and the Go example needs it"),
]


def added(sandbox: Sandbox) -> Project:
    """The example with its SDK. It takes what it imports in the engine's versions, which Go's cache has compiled."""
    stack = example(sandbox, "go", {"analysts": ["alice"], "bucket": "training-data"})
    module = stack.folder / "go.mod"
    blocks = re.findall(r"^require \(.*?^\)$", (MODULE / "go.mod").read_text(), re.MULTILINE | re.DOTALL)
    module.write_text("\n".join([module.read_text(), *blocks, ""]))
    shutil.copy(MODULE / "go.sum", stack.folder)
    sandbox.run(["package", "add", str(REPOSITORY / "components")], stack.folder)
    return stack


def test_the_example_compiles_and_provisions(sandbox: Sandbox) -> None:
    sandbox.cloud.iam().create_user(UserName="alice")
    sandbox.cloud.s3().create_bucket(Bucket="training-data")
    stack = added(sandbox)
    stack.up()
    outputs = stack.outputs()
    assert outputs["serviceRoleArn"].startswith("arn:aws:iam::123456789012:role/")
    assert {s["Sid"][:17] for s in json.loads(outputs["bucketPolicy"])["Statement"]} >= {"PersonalizeObject"}
    program = stack.folder / "main.go"
    program.write_text(program.read_text().replace("&policy", '"least-privileged"'))
    assert "main.go:20:17: cannot use " in stack.preview(check=False).output
    stack.destroy()
    assert sandbox.cloud.iam().list_roles()["Roles"] == []


def test_the_example_asks_for_the_engines_sdk() -> None:
    assert f"{SDK} v{pulumi_version()}" in Path(EXAMPLES, "go/go.mod").read_text()
