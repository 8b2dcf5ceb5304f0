"""The four components alone, without the whole: each of use for somebody who has the rest already."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.session import Sandbox
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, people_and_things

pytestmark = pytest.mark.engine

COMPOSED = """
import pulumi
from personalize_permissions import (
    PersonalizeAccess, PersonalizeBucketAccess, PersonalizeKeyAccess, PersonalizeServiceRole,
)

config = pulumi.Config()
people = PersonalizeAccess("people", {"users": ["alice"], "groups": ["group-alice"], "cloudwatch": "full-access"})
role = PersonalizeServiceRole("role", {"policy_arn": people.policy_arn})
bucket = PersonalizeBucketAccess(
    "bucket", {"bucket": "shop-results", "uses": ["batch"], "service_role_name": role.role_name}
)
key = PersonalizeKeyAccess("key", {
    "key_arn": config.require("key"), "existing_policy": config.require("administration"),
    "service_role_arn": role.role_arn, "users": ["alice"],
})
pulumi.export("people", people.policy_arn)
pulumi.export("role", role.role_arn)
pulumi.export("trust", role.trust_policy)
pulumi.export("bucket", [bucket.bucket_policy, bucket.role_policy])
pulumi.export("key", [key.key_policy, key.role_policy])
"""


def test_the_parts_make_the_whole_when_put_together_by_hand(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    stack = sandbox.program(COMPOSED, {"key": key, "administration": KEY_ADMINISTRATION})
    stack.up()
    found = stack.outputs()
    iam = sandbox.cloud.iam()
    role = found["role"].rsplit("/", 1)[-1]
    assert [policy["PolicyArn"] for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]] == [
        found["people"]
    ]
    inline = {
        json.dumps(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"], sort_keys=True)
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    assert inline == {json.dumps(json.loads(found[part][1]), sort_keys=True) for part in ("bucket", "key")}
    on_bucket = sandbox.cloud.s3().get_bucket_policy(Bucket="shop-results")["Policy"]
    assert json.loads(on_bucket) == json.loads(found["bucket"][0])
    on_key = sandbox.cloud.kms().get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert json.loads(on_key) == json.loads(found["key"][0])
    assert len(iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]) == 3
    assert len(iam.list_attached_group_policies(GroupName="group-alice")["AttachedPolicies"]) == 2
    assert stack.up().changes == {}


ROLES = """
import pulumi
from personalize_permissions import PersonalizeServiceRole

for policy in ("custom", "managed", "least-privilege"):
    made = PersonalizeServiceRole(policy, {"policy": policy})
    pulumi.export(policy, {"role": made.role_name, "policy": made.policy_arn})
"""


def test_a_service_role_alone_brings_its_policy(sandbox: Sandbox) -> None:
    stack = sandbox.program(ROLES)
    stack.up()
    iam = sandbox.cloud.iam()
    for policy, outputs in stack.outputs().items():
        [attached] = iam.list_attached_role_policies(RoleName=outputs["role"])["AttachedPolicies"]
        assert attached["PolicyArn"] == outputs["policy"]
        if policy == "managed":
            assert attached["PolicyName"] == "AmazonPersonalizeFullAccess"
            continue
        document: Any = iam.get_policy_version(PolicyArn=outputs["policy"], VersionId="v1")["PolicyVersion"]["Document"]
        actions = [action for statement in document["Statement"] for action in statement["Action"]]
        assert actions == (["personalize:*", "iam:PassRole"] if policy == "custom" else ["personalize:*"])


IN_PROVIDER = """
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizeAccess, PersonalizePermissions, PersonalizeServiceRole

elsewhere = aws.Provider("elsewhere", region="eu-central-1", assume_roles=[
    aws.ProviderAssumeRoleArgs(role_arn="arn:aws:iam::210987654321:role/deploy")])
opts = pulumi.ResourceOptions(provider=elsewhere)
pulumi.export("here", PersonalizeServiceRole("here", {}).trust_policy)
pulumi.export("there", PersonalizeServiceRole("there", {}, opts).trust_policy)
pulumi.export("whole", PersonalizePermissions("whole", {"confine_to_source": True, "buckets": [
    {"bucket": "shop-results", "uses": ["import"], "bucket_policy": "statements"}]}, opts).bucket_policies)
dora = aws.iam.User("dora", name="dora", opts=opts)
pulumi.export("people", PersonalizeAccess("people", {"users": [dora.name]}, opts).policy_arn)
"""


def test_each_component_works_where_its_provider_does(sandbox: Sandbox) -> None:
    """Its account and region are pinned; the default provider's are not asked for."""
    stack = sandbox.program(IN_PROVIDER)
    sandbox.cloud.iam().create_user(UserName="dora")  # of the default provider's account, who must get nothing
    stack.up()
    found = stack.outputs()
    assert found["people"].startswith("arn:aws:iam::210987654321:policy/")
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="dora")["AttachedPolicies"] == []
    assert pinned(found["here"]) == (ACCOUNT, f"arn:aws:personalize:us-east-1:{ACCOUNT}:*")
    there = ("210987654321", "arn:aws:personalize:eu-central-1:210987654321:*")
    assert pinned(found["there"]) == there
    assert pinned(found["whole"]["shop-results"]) == there


def pinned(document: str) -> tuple[str, str]:
    condition = json.loads(document)["Statement"][0]["Condition"]
    return condition["StringEquals"]["aws:SourceAccount"], condition["ArnLike"]["aws:SourceArn"]


ACCOUNTS = [f"{number:012}" for number in range(100000000000, 100000000060)]
TOO_MUCH: dict[str, tuple[dict[str, Any], str]] = {
    "a trust policy of many accounts": ({"source_accounts": ACCOUNTS}, "AWS allows 2048"),
    "a role policy for many buckets": (
        {
            "buckets": [
                {"bucket": f"{'data-' * 10}{number}", "uses": ["batch"], "bucket_policy": "statements"}
                for number in range(40)
            ]
        },
        "AWS allows 10240",
    ),
    "a bucket policy beside a long one": (
        {"buckets": [{"bucket": "shop-results", "uses": ["batch"], "existing_policy": "LONG"}]},
        "AWS allows 20480",
    ),
    "a person with too many policies": (
        {
            "users": ["alice"],
            "keys": [
                {
                    "key_arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-{number:012}",
                    "key_policy": "statements",
                }
                for number in range(10)
            ],
        },
        "AWS allows 10",
    ),
}
LONG = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Reader{number}",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::shop-results/{number}/*",
            }
            for number in range(140)
        ],
    }
)


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_is_past_a_limit_of_aws_is_refused_in_preview(case: str, sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    args, reported = TOO_MUCH[case]
    source = f"""
import json
from personalize_permissions import PersonalizePermissions
PersonalizePermissions("recs", json.loads({json.dumps(args)!r}.replace('"LONG"', json.dumps({LONG!r}))))
"""
    done = sandbox.program(source).preview(check=False)
    assert not done.ok
    assert reported in done.output
    assert re.search("divide|shorten", done.output)
    assert "Traceback" not in done.output
