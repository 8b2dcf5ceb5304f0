"""The companion policies on what the SDK hands to policies: a compliant stack, and one thing broken at a time."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing.pack import UNKNOWN, policy_arguments, stack_arguments

POLICIES: dict[str, Any] = {policy.name: policy for policy in pack_policies()}
SERVICE = {"Service": "personalize.amazonaws.com"}
BUCKET = "arn:aws:s3:::data"
KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:ListGrants"]


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def told(rule: str, kind: str, **properties: Any) -> list[str]:
    found: list[str] = []
    POLICIES[rule].validate(policy_arguments(kind, properties), lambda message, _urn=None: found.append(message))
    return found


@pytest.mark.parametrize(
    ("why", "statements", "said"),
    [
        ("as the guide has it", [allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"])], []),
        ("in another case", [allow(["S3:getobject"], f"{BUCKET}/*")], []),
        ("apart", [allow("s3:GetObject", f"{BUCKET}/*"), allow("s3:ListBucket", BUCKET)], []),
        ("deletes too", [allow(["s3:GetObject", "s3:DeleteObject"], f"{BUCKET}/*")], ["gives Personalize more"]),
        ("everything", [allow("s3:*", f"{BUCKET}/*")], ["gives Personalize more"]),
        ("objects on the bucket", [allow("s3:GetObject", BUCKET)], ["objects are ARN/*"]),
        ("lists objects", [allow("s3:ListBucket", f"{BUCKET}/*")], ["applies to the bucket's own ARN"]),
    ],
)
def test_bucket_policies(why: str, statements: list[dict[str, Any]], said: list[str]) -> None:
    text = document(*({**statement, "Principal": SERVICE} for statement in statements))
    messages = told("bucket-policy-service-grants", "aws:s3/bucketPolicy:BucketPolicy", policy=text)
    assert [expected in message for expected, message in zip(said, messages, strict=True)] == [True] * len(said), why
    others = document(*({**statement, "Principal": {"AWS": "*"}} for statement in statements))
    assert told("bucket-policy-service-grants", "aws:s3/bucketPolicy:BucketPolicy", policy=others) == []


@pytest.mark.parametrize("kind", ["aws:kms/keyPolicy:KeyPolicy", "aws:kms/key:Key"])
@pytest.mark.parametrize(
    ("actions", "resource", "said"),
    [
        (KEY_ACTIONS, "*", []),
        ([*KEY_ACTIONS, "kms:GenerateDataKeyWithoutPlaintext"], "*", []),
        (["kms:*"], "*", ["more of the key"]),
        (KEY_ACTIONS, "arn:aws:kms:us-east-1:123456789012:alias/mine", ["names an alias"]),
    ],
)
def test_key_policies(kind: str, actions: list[str], resource: str, said: list[str]) -> None:
    text = document(allow(actions, resource, Principal=SERVICE))
    messages = told("key-policy-service-grants", kind, policy=text)
    assert [expected in message for expected, message in zip(said, messages, strict=True)] == [True] * len(said)


@pytest.mark.parametrize("name", ["bucket-policy-service-grants", "key-policy-service-grants"])
def test_an_unknown_policy_says_nothing(name: str) -> None:
    for kind in ("aws:s3/bucketPolicy:BucketPolicy", "aws:kms/key:Key"):
        assert told(name, kind, policy=UNKNOWN) == []


ROLE_ARN = "arn:aws:iam::123456789012:role/service"
TRUST = document({"Effect": "Allow", "Principal": SERVICE, "Action": "sts:AssumeRole"})
PASSED = {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}


def resource(kind: str, **outputs: Any) -> Any:
    return SimpleNamespace(type=kind, name=kind.rsplit(":", 1)[-1], outputs=outputs)


def stack(role: dict[str, Any], bucket: dict[str, Any], people: dict[str, Any], trust: str = TRUST) -> list[Any]:
    return [
        resource("aws:iam/role:Role", name="service", arn=ROLE_ARN, assumeRolePolicy=trust),
        resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=document(role)),
        resource("aws:s3/bucketPolicy:BucketPolicy", policy=document({**bucket, "Principal": SERVICE})),
        resource("aws:iam/policy:Policy", arn="arn:aws:iam::123456789012:policy/people", policy=document(people)),
    ]


READS = allow("s3:GetObject", f"{BUCKET}/*")
PASSES = allow("iam:PassRole", "*", Condition=PASSED)
STACK_POLICIES = ("pass-role-to-service", "service-role-least-privilege", "bucket-access-both-sides")


@pytest.mark.parametrize(
    ("why", "role", "bucket", "people", "said"),
    [
        ("compliant", READS, READS, PASSES, set()),
        ("passed to any service", READS, READS, allow("iam:PassRole", "*"), {"pass-role-to-service"}),
        ("passed to any, by pattern", READS, READS, allow("iam:*", ROLE_ARN), {"pass-role-to-service"}),
        ("another role is passed", READS, READS, allow("iam:PassRole", f"{ROLE_ARN}-other"), set()),
        (
            "bucket lacks it",
            allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*"),
            READS,
            PASSES,
            {"bucket-access-both-sides"},
        ),
        (
            "role lacks it",
            READS,
            allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*"),
            PASSES,
            {"bucket-access-both-sides"},
        ),
    ],
)
def test_stacks(why: str, role: dict[str, Any], bucket: dict[str, Any], people: dict[str, Any], said: set[str]) -> None:
    arguments = stack_arguments(stack(role, bucket, people))
    found: set[str] = set()
    for name in STACK_POLICIES:
        POLICIES[name].validate(arguments, lambda _message, _urn=None, name=name: found.add(name))
    assert found == said, why


@pytest.mark.parametrize(
    "wide",
    [allow("s3:GetObject", "*"), allow("s3:*", "arn:aws:s3:::*/*"), allow("iam:PassRole", ROLE_ARN, Condition=PASSED)],
)
def test_a_service_role_that_reaches_too_far_is_told_of_and_another_role_is_not(wide: dict[str, Any]) -> None:
    for trust, count in ((TRUST, 1), (TRUST.replace("personalize", "ec2"), 0)):
        found: list[str] = []
        arguments = stack_arguments(stack(wide, READS, PASSES, trust))
        POLICIES["service-role-least-privilege"].validate(
            arguments, lambda message, _urn=None, found=found: found.append(message)
        )
        assert len(found) == count
