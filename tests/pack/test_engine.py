"""The pack on the real engine: it blocks, advises, waits for what is not known, obeys its configuration, and mends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.paths import REPOSITORY
from sandbox.session import Project, Result, Sandbox
from tests.support.environments import environment_with

pytestmark = pytest.mark.engine
PACK = REPOSITORY / "policy_pack"
ACCOUNT = "123456789012"
RULE = "trust-policy-source-conditions"

HEAD = """
import json
import pulumi
import pulumi_aws as aws

def trust(condition=None):
    statement = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

GUARDED = {"StringEquals": {"aws:SourceAccount": "123456789012"},
           "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"}}
"""


def of(result: Result, policy: str) -> list[dict[str, Any]]:
    return [event for event in result.violations if event["policyName"] == policy]


def config(sandbox: Sandbox, values: dict[str, Any]) -> list[str]:
    file = sandbox.root / "pack-config.json"
    file.write_text(json.dumps(values))
    return ["--policy-pack-config", str(file)]


def roles(project: Project) -> list[str]:
    return [role["RoleName"] for role in project.sandbox.cloud.iam().list_roles()["Roles"]]


def test_an_unguarded_role_is_blocked_and_the_message_says_how_it_could_be_abused(sandbox: Sandbox) -> None:
    project = sandbox.program(
        HEAD
        + "aws.iam.Role('open', assume_role_policy=trust())\naws.iam.Role('fine', assume_role_policy=trust(GUARDED))\n"
    )
    done = project.up(packs=[PACK], check=False)
    assert not done.ok
    [violation] = of(done, RULE)
    assert violation["enforcementLevel"] == "mandatory"
    assert violation["resourceUrn"].endswith("::open")
    assert "assume the role for account 999988887777, with no aws:SourceArn" in violation["message"]
    assert "(assumeRolePolicy.Statement[0])" in violation["message"]
    assert not any(name.startswith("open") for name in roles(project))


def test_a_guarded_role_passes_and_a_useless_one_is_advised(sandbox: Sandbox) -> None:
    useless = "{**GUARDED, 'StringEquals': {'aws:SourceAccount': '210987654321'}}"
    project = sandbox.program(
        HEAD
        + f"aws.iam.Role('fine', assume_role_policy=trust(GUARDED))\naws.iam.Role('useless', assume_role_policy=trust({useless}))\n"
    )
    done = project.up(packs=[PACK])
    assert of(done, RULE) == []
    [advice] = of(done, "trust-policy-satisfiable")
    assert advice["enforcementLevel"] == "advisory"
    assert advice["resourceUrn"].endswith("::useless")


UNKNOWN = (
    HEAD
    + """
first = aws.iam.Policy("first", policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}))
aws.iam.Role("late", assume_role_policy=first.arn.apply(lambda arn: trust({CONDITION})))
"""
)


@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_not_known_in_preview_is_decided_before_the_role_is_made(guarded: bool, sandbox: Sandbox) -> None:
    project = sandbox.program(UNKNOWN.replace("{CONDITION}", "GUARDED" if guarded else ""))
    planned = project.preview(packs=[PACK])
    quiet = [event for event in planned.violations if RULE in event["message"]]
    assert len(quiet) == 1
    assert quiet[0]["enforcementLevel"] == "advisory"
    done = project.up(packs=[PACK], check=False)
    assert done.ok is guarded
    assert bool([name for name in roles(project) if name.startswith("late")]) is guarded


TEMPLATE = """
import pulumi_aws as aws
aws.cloudformation.Stack("legacy", template_body='''
Resources:
  Open:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: personalize.amazonaws.com}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {"aws:SourceAccount": !Ref AWS::AccountId}
  Fine:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: personalize.amazonaws.com}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {"aws:SourceAccount": !Ref AWS::AccountId}
              ArnLike: {"aws:SourceArn": !Sub "arn:${AWS::Partition}:personalize:${AWS::Region}:${AWS::AccountId}:*"}
''')
"""


def test_roles_in_templates_are_checked(sandbox: Sandbox) -> None:
    if sandbox.plugin.kind == "emulated":
        pytest.skip("the emulated provider has no aws.cloudformation.Stack")
    done = sandbox.program(TEMPLATE).preview(packs=[PACK], check=False)
    assert not done.ok
    [violation] = of(done, RULE)
    assert "templateBody.Resources.Open.Properties.AssumeRolePolicyDocument.Statement[0]" in violation["message"]


BOTH = """
aws.iam.Role("open", DESCRIPTION, assume_role_policy=trust(CONDITION))
aws.cloudcontrol.Resource("controlled", type_name="AWS::IAM::Role", desired_state=json.dumps(
    {"RoleName": "controlled", "Description": "kept", "AssumeRolePolicyDocument": json.loads(trust(CONDITION))}))
"""


def both(condition: str = "", description: str = "description='kept'") -> str:
    """A classic role and one of Cloud Control."""
    return HEAD + BOTH.replace("CONDITION", condition).replace("DESCRIPTION", description)


@pytest.mark.usefixtures("emulated")  # Cloud Control
def test_exemptions_hold_until_their_day_and_are_listed(sandbox: Sandbox) -> None:
    project = sandbox.program(both())
    exempt = [{"name": name, "reason": f"{name} moves", "expires": "2999-12-31"} for name in ("open", "controlled")]
    other = {"name": "elsewhere", "reason": "not here", "expires": "2999-12-31"}
    done = project.up(*config(sandbox, {RULE: {"exemptions": [*exempt, other]}}), packs=[PACK])
    messages = [event["message"] for event in of(done, "trust-policy-exemptions")]
    for name in ("open", "controlled"):
        [used] = [message for message in messages if f"{name} moves" in message]
        assert "Exempted from" in used
    [unused] = [message for message in messages if "elsewhere" in message]
    assert "No role in this stack needs the exemption" in unused

    over = [{**each, "expires": "2020-01-01"} for each in exempt]
    done = project.preview(*config(sandbox, {RULE: {"exemptions": over}}), packs=[PACK], check=False)
    assert not done.ok
    assert len(of(done, RULE)) == 2
    assert all("expired on 2020-01-01" in event["message"] for event in of(done, RULE))


def test_accounts_and_levels_are_configured(sandbox: Sandbox) -> None:
    project = sandbox.program(HEAD + "aws.iam.Role('fine', assume_role_policy=trust(GUARDED))\n")
    strange = {RULE: {"accounts": ["210987654321"]}}
    assert not project.preview(*config(sandbox, strange), packs=[PACK], check=False).ok
    advisory = {RULE: {"enforcementLevel": "advisory", "accounts": ["210987654321"]}}
    done = project.preview(*config(sandbox, advisory), packs=[PACK])
    assert of(done, RULE)[0]["enforcementLevel"] == "advisory"


@pytest.mark.parametrize(
    ("key", "reported"), [("accounts", "accounts.0: Does not match"), ("acounts", "is not a setting")]
)
def test_wrong_configuration_is_one_message(key: str, reported: str, sandbox: Sandbox) -> None:
    project = sandbox.program(HEAD + "aws.iam.Role('fine', assume_role_policy=trust(GUARDED))\n")
    done = project.preview(*config(sandbox, {RULE: {key: ["12"]}}), packs=[PACK], check=False)
    assert not done.ok
    assert reported in done.output
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("emulated")  # Cloud Control
def test_remediation_writes_the_conditions_and_nothing_else(sandbox: Sandbox) -> None:
    secure = "{'Bool': {'aws:SecureTransport': 'true'}}"
    project = sandbox.program(both(secure, "description=pulumi.Output.secret('kept')"))
    mending = {RULE: {"enforcementLevel": "remediate", "accounts": [ACCOUNT]}}
    project.configure({"aws:region": "us-east-1"})
    done = project.up(*config(sandbox, mending), packs=[PACK])
    assert of(done, RULE) == []
    made = sandbox.cloud.iam().list_roles()["Roles"]
    assert len(made) == 2
    for role in made:
        statement = role["AssumeRolePolicyDocument"]["Statement"][0]
        assert statement["Condition"] == {
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
        }
        assert role["Description"] == "kept"
    [classic] = [each for each in project.resources() if each["type"] == "aws:iam/role:Role"]
    assert "ciphertext" in classic["inputs"]["description"]


SURROUNDINGS = (
    HEAD
    + """
role = aws.iam.Role("service", assume_role_policy=trust(GUARDED))
aws.iam.RolePolicy("reads", role=role.name, policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::shop-data/*"},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
aws.iam.Policy("passes", policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}))
aws.cloudcontrol.Resource("attached", type_name="AWS::IAM::Role", desired_state=json.dumps(
    {"RoleName": "attached", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
     "AssumeRolePolicyDocument": json.loads(trust(GUARDED))}))
bucket = aws.s3.Bucket("data", bucket="shop-data")
aws.s3.BucketPolicy("data", bucket=bucket.id, policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": ["s3:PutObject", "s3:DeleteObject"],
     "Resource": "arn:aws:s3:::shop-data/*"}]}))
"""
)


@pytest.mark.usefixtures("emulated")  # Cloud Control
def test_the_companions_advise(sandbox: Sandbox) -> None:
    done = sandbox.program(SURROUNDINGS).up(packs=[PACK])
    advised = {event["policyName"] for event in done.violations}
    assert advised == {
        "bucket-policy-service-grants",
        "pass-role-to-service",
        "service-role-least-privilege",
        "bucket-access-both-sides",
    }
    assert {event["enforcementLevel"] for event in done.violations} == {"advisory"}
    [managed] = [event for event in done.violations if "AmazonS3FullAccess" in event["message"]]
    assert "lets service role attached reach every bucket" in managed["message"]
    assert managed["resourceUrn"].endswith("::attached")


def test_a_secret_trust_policy_is_checked_and_not_shown(sandbox: Sandbox) -> None:
    source = (
        HEAD
        + "aws.iam.Role('veiled', assume_role_policy=pulumi.Output.secret(trust({'StringEquals': {'aws:SourceAccount': 'PlantedSecret'}})))\n"
    )
    done = sandbox.program(source).preview(packs=[PACK], check=False)
    assert not done.ok
    assert of(done, RULE)
    assert "PlantedSecret" not in done.output


def test_the_folder_alone_is_the_pack(sandbox: Sandbox, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(PACK, copy, ignore=shutil.ignore_patterns("__pycache__"))
    environment_with(copy / "venv", "pulumi-policy")
    about = yaml.safe_load((copy / "PulumiPolicy.yaml").read_text())
    about["runtime"] = {"name": "python", "options": {"virtualenv": "venv"}}
    (copy / "PulumiPolicy.yaml").write_text(yaml.safe_dump(about))
    project = sandbox.program(HEAD + "aws.iam.Role('open', assume_role_policy=trust())\n")
    done = project.preview(packs=[copy], check=False)
    assert not done.ok
    assert of(done, RULE)


def test_the_advisory_companion_checks_the_services_of_the_rule(sandbox: Sandbox) -> None:
    useless = "{**GUARDED, 'StringEquals': {'aws:SourceAccount': '210987654321'}}"
    program = HEAD + f"aws.iam.Role('useless', assume_role_policy=trust({useless}))\n"
    project = sandbox.program(program.replace("personalize", "lambda"))
    done = project.preview(*config(sandbox, {RULE: {"services": ["lambda.amazonaws.com"]}}), packs=[PACK])
    assert len(of(done, "trust-policy-satisfiable")) == 1


OWN_BUCKET = """
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

bucket = aws.s3.Bucket("data")
PersonalizePermissions("recs", {"policy": "least-privilege", "buckets": [{"label": "data", "bucket": bucket.bucket, "uses": ["import"]}]})
"""
SECOND_WRITER = """
aws.s3.BucketPolicy("own", bucket=bucket.bucket, policy=bucket.arn.apply(lambda arn: json.dumps(
    {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arn,
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})))
"""


def test_a_second_writer_of_a_bucket_policy_is_refused_in_the_first_preview(sandbox: Sandbox) -> None:
    done = sandbox.program(OWN_BUCKET + SECOND_WRITER).preview(packs=[PACK], check=False)
    assert not done.ok
    [violation] = of(done, "one-policy-writer")
    assert violation["enforcementLevel"] == "mandatory"
    assert "both write the policy of bucket" in violation["message"]


def test_a_stack_that_makes_its_own_bucket_is_advised_nothing(sandbox: Sandbox) -> None:
    project = sandbox.program(OWN_BUCKET)
    assert project.preview(packs=[PACK]).violations == []
    assert project.up(packs=[PACK]).violations == []
