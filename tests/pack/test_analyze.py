"""`pulumi policy analyze`: on a stack and on an exported file the same verdicts as an update, and every kind remediated."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import violations
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox
from tests.audit.accounts import ACCOUNT, GUARDED, OPEN, USELESS
from tests.pack.spellings import SPELLINGS
from tests.pack.test_bucket_encryption import BUCKET, KEY
from tests.pack.test_companions import SERVICE, allow, document

pytestmark = pytest.mark.engine
PACK = REPOSITORY / "policy_pack"
CASES = Path(__file__).parent / "cases"
GRANTED = {"bucket": ("aws:s3/bucketPolicy:BucketPolicy", "policy"), "key": ("aws:kms/keyPolicy:KeyPolicy", "policy")}
RULE = "trust-policy-source-conditions"


def analyze(project: Project, config: dict[str, Any], *options: str) -> list[dict[str, Any]]:
    """The events of an analysis, whatever its exit code is."""
    file = project.folder / "config.json"
    file.write_text(json.dumps(config))
    arguments = ["policy", "analyze", "--json", "--policy-pack", str(PACK), "--policy-pack-config", str(file), *options]
    done = project.sandbox.run(arguments, project.folder, check=False)
    return [json.loads(line) for line in done.output.splitlines() if line.startswith("{")]


def verdicts(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Policy, level and message of each violation."""
    found = [event["policyEvent"] for event in events if "policyEvent" in event]
    return sorted((each["policyName"], each["enforcementLevel"], each["message"].strip()) for each in found)


def state(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """A deployment as `pulumi stack export` writes it."""
    time = "2026-01-01T00:00:00Z"
    stack = {
        "urn": "urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test",
        "custom": False,
        "type": "pulumi:pulumi:Stack",
    }
    made = [
        {
            "urn": f"urn:pulumi:test::shop::{each['type']}::role{index}",
            "custom": True,
            "id": f"id{index}",
            "parent": stack["urn"],
            "outputs": each["inputs"],
            **each,
        }
        for index, each in enumerate(resources)
    ]
    return {
        "version": 3,
        "deployment": {"manifest": {"time": time, "magic": "", "version": ""}, "resources": [stack, *made]},
    }


def forms(document: dict[str, Any]) -> list[dict[str, Any]]:
    """A role with this trust policy, of every kind that has one."""
    text = json.dumps(document)
    return [
        {"type": "aws:iam/role:Role", "inputs": {"assumeRolePolicy": text}},
        {"type": "aws-native:iam:Role", "inputs": {"assumeRolePolicyDocument": document}},
        {"type": "aws:index/iamRole:IamRole", "inputs": {"assumeRolePolicy": text}},
        {"type": "awscc:index/iamRole:IamRole", "inputs": {"assumeRolePolicyDocument": text}},
        {
            "type": "aws:cloudcontrol/resource:Resource",
            "inputs": {
                "typeName": "AWS::IAM::Role",
                "desiredState": json.dumps({"AssumeRolePolicyDocument": document}),
            },
        },
        {
            "type": "aws-native:index:ExtensionResource",
            "inputs": {"type": "AWS::IAM::Role", "properties": {"AssumeRolePolicyDocument": document}},
        },
    ]


def test_a_file_gets_the_verdicts_of_every_kind_of_role(sandbox: Sandbox) -> None:
    project = sandbox.program("")
    resources = [role for document in (OPEN, GUARDED, USELESS) for role in forms(document)]
    file = project.folder / "export.json"
    file.write_text(json.dumps(state(resources)))
    found = verdicts(analyze(project, {}, "--file", str(file)))
    assert [(name, level) for name, level, _ in found] == [
        *[("trust-policy-satisfiable", "advisory")] * 6,
        *[(RULE, "mandatory")] * 6,
    ]


def case_resources() -> list[dict[str, Any]]:
    """Every decided row of the pack's case tables, and a stack with something to advise in every spelling."""
    places = [
        {"type": row["type"], "inputs": row["properties"]}
        for row in json.loads((CASES / "places.json").read_text())
        if not row["undecided"]
    ]
    grants = []
    for row in json.loads((CASES / "service_grants.json").read_text()):
        kind, field = GRANTED[row["kind"]]
        policy = document(*({"Effect": "Allow", "Principal": SERVICE, **each} for each in row["statements"]))
        grants.append({"type": kind, "inputs": {field: json.dumps(policy)}})
    wide = allow(["s3:GetObject", "iam:PassRole"], "arn:aws:s3:::data/*")
    bucket = {**allow("s3:PutObject", "arn:aws:s3:::data/*"), "Principal": SERVICE}
    stacks = [
        {"type": each.type, "inputs": each.outputs}
        for spelling in SPELLINGS.values()
        for each in spelling(OPEN, document(wide), document(bucket), document(allow("iam:PassRole", "*")))
    ]
    unread = {"type": "aws:cloudformation/stack:Stack", "inputs": {"templateUrl": "https://example.com/roles.yaml"}}
    encrypted = BUCKET(KEY)
    return [*places, *grants, *stacks, unread, {"type": encrypted.type, "inputs": encrypted.outputs}]


def test_every_case_of_the_pack_gets_its_verdict_companions_included(sandbox: Sandbox) -> None:
    project = sandbox.program("")
    resources = case_resources()
    file = project.folder / "export.json"
    file.write_text(json.dumps(state(resources)))
    named = [
        SimpleNamespace(type=each["type"], name=f"role{index}", inputs=each["inputs"], outputs=each["inputs"])
        for index, each in enumerate(resources)
    ]
    policies = pack_policies()
    subject: Any = SimpleNamespace(resources=named)
    expected = sorted(
        (policy.name, f"{policy.description}\n{message}".strip())
        for policy in policies
        for message in violations(policy, subject)
    )
    assert {name for name, _ in expected} >= {
        *(RULE, "trust-policy-coverage", "bucket-policy-service-grants", "key-policy-service-grants"),
        *("pass-role-to-service", "service-role-least-privilege", "bucket-access-both-sides"),
        "bucket-encryption-key-access",
    }
    found = verdicts(analyze(project, {}, "--file", str(file)))
    assert [(name, message) for name, _, message in found] == expected


def test_every_kind_of_role_is_remediated(sandbox: Sandbox) -> None:
    project = sandbox.program("")
    resources = forms(OPEN)
    providers = []
    for index, each in enumerate(resources):
        package = each["type"].split(":")[0]
        urn = f"urn:pulumi:test::shop::pulumi:providers:{package}::p{index}"
        inputs = {"region": "us-east-1", "version": "7.0.0"}
        providers.append({"urn": urn, "type": f"pulumi:providers:{package}", "id": f"p{index}", "inputs": inputs})
        each["provider"] = f"{urn}::p{index}"
    file = project.folder / "export.json"
    file.write_text(json.dumps(state([*providers, *resources])))
    config = {RULE: {"enforcementLevel": "remediate", "accounts": [ACCOUNT]}}
    events = analyze(project, config, "--file", str(file))
    written = [event["policyRemediationEvent"] for event in events if "policyRemediationEvent" in event]
    assert len({each["resourceUrn"] for each in written}) == len(resources), events
    for each in written:
        assert f"arn:aws:personalize:us-east-1:{ACCOUNT}:*" in json.dumps(each["after"]), each
        assert ACCOUNT not in json.dumps(each["before"])


PROGRAM = """
import json
import pulumi_aws as aws

def trust(condition=None):
    statement = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition or {}}]})

role = aws.iam.Role("open", assume_role_policy=trust())
aws.iam.RolePolicy("wide", role=role.name, policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "iam:PassRole"], "Resource": "*"}]}))
bucket = aws.s3.Bucket("data", bucket="shop-data")
aws.s3.BucketPolicy("data", bucket=bucket.id, policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": ["s3:PutObject", "s3:DeleteObject"],
     "Resource": "arn:aws:s3:::shop-data/*"}]}))
aws.iam.Policy("passes", policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}))
"""


def test_a_stack_gets_the_verdicts_of_its_update(sandbox: Sandbox) -> None:
    project = sandbox.program(PROGRAM)
    config = {RULE: "advisory"}
    (project.folder / "config.json").write_text(json.dumps(config))
    up = project.up("--policy-pack-config", str(project.folder / "config.json"), packs=[PACK])
    updated = sorted((each["policyName"], each["enforcementLevel"], each["message"].strip()) for each in up.violations)
    assert {name for name, _, _ in updated} >= {RULE, "pass-role-to-service", "bucket-policy-service-grants"}
    assert verdicts(analyze(project, config, "--stack", "test")) == updated
    (project.folder / "export.json").write_text(json.dumps(project.export(show_secrets=True)))
    assert verdicts(analyze(project, config, "--file", str(project.folder / "export.json"))) == updated
