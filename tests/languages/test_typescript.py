"""The generated TypeScript SDK: type-checked, and run through the Automation API on the real engine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sandbox.cloud import Cloud
from sandbox.engine import Engine
from sandbox.session import Sandbox
from tests.languages.node import automated, build_sdk, compiled, prepared

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def packages(engine: Engine, account: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sdk(Sandbox(tmp_path_factory.mktemp("sdk"), engine, account))


def test_the_example_compiles_and_provisions(sandbox: Sandbox, packages: Path) -> None:
    sandbox.cloud.iam().create_user(UserName="alice")
    sandbox.cloud.s3().create_bucket(Bucket="training-data")
    folder = prepared(sandbox, packages)
    checked = compiled(folder)
    assert checked.returncode == 0, checked.stdout
    config = {"analysts": ["alice"], "bucket": "training-data"}
    preview, up, again, _gone = automated(sandbox, folder, config, "preview", "up", "up", "destroy")
    assert preview["changes"]["create"] == up["changes"]["create"]
    assert again["changes"].keys() == {"same"}
    assert up["outputs"]["serviceRoleArn"].startswith("arn:aws:iam::123456789012:role/")
    assert {s["Sid"][:17] for s in json.loads(up["outputs"]["bucketPolicy"])["Statement"]} >= {"PersonalizeObject"}
    assert sandbox.cloud.iam().list_roles()["Roles"] == []


MISTAKES = {
    'policy: "least-privileged"': '"least-privileged"',
    'buckets: [{ bucket: "data" }]': "Property 'uses' is missing",
    'buckets: [{ bucket: "data", uses: ["imports"] }]': '"imports"',
    'sourceAccount: ["123456789012"]': "sourceAccounts",
    'serviceRole: { maxSessionDuration: "7200" }': "not assignable to type",
    'keys: [{ keyArn: "arn", keyPolicy: pulumi.output("attach") }]': "not assignable to type",
}


def test_the_compiler_tells_mistakes(sandbox: Sandbox, packages: Path) -> None:
    imports = (
        'import * as personalize from "@pulumi/personalize-permissions"; import * as pulumi from "@pulumi/pulumi";'
    )
    lines = [f'new personalize.PersonalizePermissions("recs", {{ {argument} }});' for argument in MISTAKES]
    said = compiled(prepared(sandbox, packages, "\n".join([imports, *lines]))).stdout
    for line, messages in enumerate(MISTAKES.values(), start=2):
        assert re.search(rf"^index\.ts\({line},.*(\n .*)*{re.escape(messages)}", said, re.MULTILINE), said
    assert "index.ts(1," not in said


def test_mistakes_that_compile_are_told_in_the_programs_names(sandbox: Sandbox, packages: Path) -> None:
    folder = prepared(
        sandbox,
        packages,
        'import * as personalize from "@pulumi/personalize-permissions";\n'
        'const key: any = { keyArn: "alias/x", keyPolicys: "attach" };\n'
        'new personalize.PersonalizePermissions("recs", { sourceAccounts: ["12"], keys: [key] });\n',
    )
    assert compiled(folder).returncode == 0
    [up] = automated(sandbox, folder, {}, "up")
    for messages in ("sourceAccounts[0]", "keys[0].keyArn", 'did you mean "keyPolicy"?', "keys[0].existingPolicy"):
        assert messages in up["error"]
    assert "Traceback" not in up["error"]
    assert 'File "' not in up["error"]


ELSEWHERE = """
import * as personalize from "@pulumi/personalize-permissions";
import * as pulumi from "@pulumi/pulumi";

class Aws extends pulumi.ProviderResource {}

const aws = new Aws("aws", "elsewhere", { region: "us-west-2" });
const permissions = new personalize.PersonalizePermissions("recs", {}, { providers: { aws } });
export const trustPolicy = permissions.trustPolicy;
"""


def test_a_provider_among_the_options_decides(sandbox: Sandbox, packages: Path) -> None:
    folder = prepared(sandbox, packages, ELSEWHERE)
    assert compiled(folder).stdout == ""
    [up] = automated(sandbox, folder, {}, "up")
    assert "arn:aws:personalize:us-west-2:123456789012:*" in up["outputs"]["trustPolicy"]
