"""Every program of `examples/` on the real engine: made, unchanged when run again, and gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.session import Project, Sandbox
from tests.languages.examples import EXAMPLES, OTHER_ACCOUNT, elsewhere, example
from tests.support import cloud_control

pytestmark = pytest.mark.engine
ACCOUNT = "123456789012"


def made(stack: Project) -> dict[str, Any]:
    """The outputs of a stack that was made, and that a second run leaves alone."""
    stack.up(packs=[EXAMPLES.parent / "policy_pack"])
    assert stack.up().changes == {}
    return stack.outputs()


def trusted(trust: str) -> dict[str, Any]:
    [statement] = json.loads(trust)["Statement"]
    return {key: value for operator in statement["Condition"].values() for key, value in operator.items()}


def test_a_larger_stack_opens_its_own_bucket_and_key(sandbox: Sandbox) -> None:
    sandbox.cloud.iam().create_user(UserName="alice")
    stack = example(sandbox, "python-application", {"analysts": ["alice"]})
    outputs = made(stack)
    bucket = json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket=outputs["trainingData"])["Policy"])
    assert {statement["Principal"]["Service"] for statement in bucket["Statement"]} == {"personalize.amazonaws.com"}
    key = json.loads(sandbox.cloud.kms().get_key_policy(KeyId=outputs["keyArn"], PolicyName="default")["Policy"])
    assert key["Statement"][0]["Sid"] == "Administration"
    assert any(s["Principal"].get("Service") == "personalize.amazonaws.com" for s in key["Statement"])
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    stack.destroy()
    assert sandbox.cloud.s3().list_buckets()["Buckets"] == []


def test_an_explicit_provider_decides_account_and_region(sandbox: Sandbox) -> None:
    stack = example(
        sandbox,
        "explicit-provider",
        {
            "aws:region": "eu-west-1",
            "otherRegion": "us-west-2",
            "otherRole": f"arn:aws:iam::{OTHER_ACCOUNT}:role/deploy",
        },
    )
    outputs = made(stack)
    assert outputs["here"]["serviceRoleArn"].startswith(f"arn:aws:iam::{ACCOUNT}:role/")
    assert outputs["there"]["serviceRoleArn"].startswith(f"arn:aws:iam::{OTHER_ACCOUNT}:role/")
    assert trusted(outputs["here"]["trustPolicy"])["aws:SourceArn"] == f"arn:aws:personalize:eu-west-1:{ACCOUNT}:*"
    assert trusted(outputs["there"]["trustPolicy"]) == {
        "aws:SourceAccount": OTHER_ACCOUNT,
        "aws:SourceArn": f"arn:aws:personalize:us-west-2:{OTHER_ACCOUNT}:*",
    }
    [role] = elsewhere(sandbox, "iam").list_roles()["Roles"]
    assert role["Arn"] == outputs["there"]["serviceRoleArn"]
    stack.destroy()
    assert elsewhere(sandbox, "iam").list_roles()["Roles"] == []


def test_the_policy_of_an_adopted_bucket_is_kept(sandbox: Sandbox) -> None:
    s3 = sandbox.cloud.s3()
    s3.create_bucket(Bucket="shop-archive")
    before = (EXAMPLES / "adopt-bucket-policy/bucket-policy.json").read_text()
    s3.put_bucket_policy(Bucket="shop-archive", Policy=before)
    stack = example(sandbox, "adopt-bucket-policy")
    outputs = made(stack)
    after = json.loads(s3.get_bucket_policy(Bucket="shop-archive")["Policy"])
    assert after == json.loads(outputs["bucketPolicy"])
    kept, *added = after["Statement"]
    assert {**kept, "Action": "s3:GetObject"} == json.loads(before)["Statement"][0]
    assert kept["Action"] == ["s3:GetObject"]
    assert {statement["Principal"]["Service"] for statement in added} == {"personalize.amazonaws.com"}
    stack.destroy()


def test_the_owner_of_another_accounts_bucket_gets_its_statements(sandbox: Sandbox) -> None:
    theirs = elsewhere(sandbox, "s3")
    theirs.create_bucket(Bucket="partner-data")
    stack = example(sandbox, "cross-account-bucket", {"bucket": "partner-data"})
    outputs = made(stack)
    assert not any(resource["type"] == "aws:s3/bucketPolicy:BucketPolicy" for resource in stack.resources())
    stack.configure({"ownerRole": f"arn:aws:iam::{OTHER_ACCOUNT}:role/deploy"})
    made(stack)
    written = json.loads(theirs.get_bucket_policy(Bucket="partner-data")["Policy"])
    assert written == json.loads(outputs["statementsForTheOwner"])


def test_a_row_more_or_less_touches_no_other(sandbox: Sandbox) -> None:
    for team in ("shop", "news", "music", "film"):
        sandbox.cloud.iam().create_group(GroupName=f"{team}-analysts")
        sandbox.cloud.s3().create_bucket(Bucket=f"{team}-data")
    stack = example(sandbox, "many-from-a-table")
    assert made(stack)["serviceRoleArns"].keys() == {"shop", "news", "music"}
    table = stack.folder / "teams.csv"
    head, _shop, *others = table.read_text().splitlines()
    table.write_text("\n".join([head, "film,film-analysts,film-data,batch", *others]) + "\n")
    operations = stack.up().operations
    touched = {
        (op, next(team for team in ("shop", "film", "news", "music") if f"::{team}" in urn))
        for urn, op in operations.items()
        if "PersonalizePermissions" in urn
    }
    assert touched == {("create", "film"), ("delete", "shop")}


def test_a_dataset_group_waits_until_its_role_is_assumable(sandbox: Sandbox) -> None:
    if sandbox.plugin.kind == "emulated":
        pytest.skip("the emulated provider has no endpoints: it makes roles itself, without Cloud Control")
    with cloud_control.serving(not_assumable_for=6) as control:
        endpoints = {"cloudcontrol": control.address, "cloudformation": control.address}
        stack = example(sandbox, "dataset-group", {"aws:endpoints": [endpoints]})
        up = stack.up(packs=[EXAMPLES.parent / "policy_pack"])
        assert control.refused == 2
        waits = [
            event["message"] for event in up.of("diagnosticEvent") if "trying again in 5 seconds" in event["message"]
        ]
        assert len(waits) == control.refused
        assert [each for each in up.violations if each["policyName"] == "dataset-role-access"] == []
        assert stack.up().changes == {}
        assert [stack.outputs()["datasetGroup"]] == list(control.groups)
        stack.destroy()
        assert control.groups == {}
