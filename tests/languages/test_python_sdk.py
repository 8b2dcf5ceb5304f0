"""The generated Python SDK, for programs that do not install this distribution: it reads well, and it works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.paths import REPOSITORY
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

PROGRAM = """
import sys
sys.path.insert(0, "installed")
import pulumi
import pulumi_personalize_permissions as personalize

permissions = personalize.PersonalizePermissions(
    "recs",
    policy=personalize.PolicyChoice.LEAST_PRIVILEGE,
    service_role={"max_session_duration": 7200},
    buckets=[personalize.PersonalizeBucketArgs(bucket="data", uses=["import", personalize.BucketUse.BATCH])],
    tags={"team": "shop"},
)
pulumi.export("role", permissions.service_role_name)
pulumi.export("bucket", permissions.bucket_policies["data"])
"""


def added(sandbox: Sandbox, folder: Path) -> Path:
    """`pulumi package add` in a project; the package that it generated."""
    sandbox.run(["package", "add", str(REPOSITORY / "components")], folder)
    return folder / "sdks/personalize-permissions/pulumi_personalize_permissions"


def test_a_program_that_added_the_package_uses_it(sandbox: Sandbox) -> None:
    sandbox.cloud.s3().create_bucket(Bucket="data")
    stack = sandbox.program(PROGRAM)
    sdk = added(sandbox, stack.folder)
    compiled = [sys.executable, "-W", "error", "-m", "compileall", "-q", str(sdk)]
    assert subprocess.run(compiled, check=False).returncode == 0
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    place = ["--no-deps", "--no-build-isolation", "--target", str(stack.folder / "installed")]  # what it needs is here
    subprocess.run([*pip, *place, str(sdk.parent)], check=True)
    stack.up()
    outputs = stack.outputs()
    role = sandbox.cloud.iam().get_role(RoleName=outputs["role"])["Role"]
    assert role["MaxSessionDuration"] == 7200
    assert json.loads(outputs["bucket"]) == json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket="data")["Policy"])
    assert stack.up().changes == {}


def test_names_of_choices_are_words(sandbox: Sandbox) -> None:
    enums = (added(sandbox, sandbox.program("").folder) / "_enums.py").read_text()
    names = {line.split(" = ")[0].strip() for line in enums.splitlines() if ' = "' in line}
    assert {"LEAST_PRIVILEGE", "FULL_ACCESS", "FULL_ACCESS_V2", "METRICS", "ATTACH", "IMPORT_"} <= names
