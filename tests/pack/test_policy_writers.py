"""Two resources that write the policy of one bucket or key are found, whatever makes them and whatever is known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from pulumi_policy import PolicyProviderResource, PolicyResource, StackValidationArgs
from pulumi_policy.proxy import unknown_checking_proxy

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import UNKNOWN, policy_arguments

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:us-east-1:123456789012:key/{KEY_ID}"
[POLICY] = [policy for policy in pack_policies() if policy.name == "one-policy-writer"]
POLICY_OF_BUCKET, POLICY_OF_KEY = "aws:s3/bucketPolicy:BucketPolicy", "aws:kms/keyPolicy:KeyPolicy"
BUCKET, KEY = "aws:s3/bucket:Bucket", "aws:kms/key:Key"


@dataclass
class Made:
    """A resource of a stack; `after` has the names of the resources that each property comes from."""

    kind: str
    name: str
    properties: dict[str, Any]
    after: dict[str, list[str]] = field(default_factory=dict)
    region: str = "us-east-1"


def reports(*made: Made) -> list[str]:
    resources: dict[str, PolicyResource] = {}
    for each in made:
        arguments: Any = policy_arguments(each.kind, each.properties)
        urn = f"urn:pulumi:s::p::{each.kind}::{each.name}"
        provider = PolicyProviderResource(
            "pulumi:providers:aws", unknown_checking_proxy({}), f"urn::{each.region}", "p"
        )
        resources[each.name] = PolicyResource(
            each.kind, arguments.props, urn, each.name, arguments.opts, provider, None, [], {}
        )
    for each in made:
        after = {key: [resources[name] for name in names] for key, names in each.after.items()}
        resources[each.name].property_dependencies.update(after)
    found: list[str] = []
    arguments = StackValidationArgs(list(resources.values()), {})
    POLICY.validate(arguments, lambda message, _urn=None: found.append(message))  # type: ignore[attr-defined]
    return found


def bucket_policy(name: str, bucket: Any = "data", *after: str, kind: str = POLICY_OF_BUCKET) -> Made:
    return Made(kind, name, {"bucket": bucket, "policy": "{}"}, {"bucket": list(after)})


def key_policy(name: str, key: Any = KEY_ID, *after: str, region: str = "us-east-1") -> Made:
    return Made(POLICY_OF_KEY, name, {"keyId": key, "policy": "{}"}, {"keyId": list(after)}, region)


NATIVE = Made("aws-native:s3:BucketPolicy", "native", {"bucket": "data", "policyDocument": {}})
TERRAFORM = bucket_policy("terraform", kind="aws:index/s3BucketPolicy:S3BucketPolicy")
CONTROL = Made(
    "aws:cloudcontrol/resource:Resource",
    "control",
    {"typeName": "AWS::S3::BucketPolicy", "desiredState": json.dumps({"Bucket": "data", "PolicyDocument": {}})},
)
TEMPLATE = Made(
    "aws:cloudformation/stack:Stack",
    "template",
    {
        "templateBody": json.dumps(
            {
                "Resources": {
                    "Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
                    "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Data"}}},
                }
            }
        )
    },
)
MADE = Made(BUCKET, "made", {"bucket": UNKNOWN})
NAMED = Made(BUCKET, "named", {"bucket": "data"})
OTHER = Made(BUCKET, "other", {"bucket": UNKNOWN})
KEY_MADE = Made(KEY, "key", {"arn": UNKNOWN, "keyId": UNKNOWN})
ROLE = Made("aws:iam/role:Role", "role", {"name": "r"})


@pytest.mark.parametrize(
    ("why", "made", "what"),
    [
        ("of one bucket by name", [bucket_policy("a"), bucket_policy("b")], "bucket data"),
        ("of the native provider", [bucket_policy("a"), NATIVE], "bucket data"),
        ("of Terraform's provider", [bucket_policy("a"), TERRAFORM], "bucket data"),
        ("of Cloud Control", [bucket_policy("a"), CONTROL], "bucket data"),
        ("of a template", [bucket_policy("a"), TEMPLATE], "bucket data"),
        ("of a bucket without a name yet", [MADE, bucket_policy("a", UNKNOWN, "made"), bucket_policy("b", UNKNOWN, "made")], "bucket made"),
        ("among other things that it waits for", [MADE, ROLE, bucket_policy("a", UNKNOWN, "made", "role"), bucket_policy("b", UNKNOWN, "made")], "bucket made"),
        ("known here and not there", [NAMED, bucket_policy("a", UNKNOWN, "named"), bucket_policy("b")], "bucket data"),
        ("of one key by id", [key_policy("a"), key_policy("b")], f"key {KEY_ID}"),
        ("of one key by id and ARN", [key_policy("a"), key_policy("b", KEY_ARN)], f"key {KEY_ARN}"),
        ("of a key without an id yet", [KEY_MADE, key_policy("a", UNKNOWN, "key"), key_policy("b", UNKNOWN, "key")], "key key"),
    ],
)  # fmt: skip
def test_two_writers_are_found(why: str, made: list[Made], what: str) -> None:
    [message] = reports(*made)
    assert f"both write the policy of {what}: the last one replaces the other's statements" in message, why


@pytest.mark.parametrize(
    ("why", "made"),
    [
        ("one", [NAMED, bucket_policy("a", UNKNOWN, "named")]),
        ("of two buckets", [bucket_policy("a"), bucket_policy("b", "other")]),
        ("of two buckets without names yet", [MADE, OTHER, bucket_policy("a", UNKNOWN, "made"), bucket_policy("b", UNKNOWN, "other")]),
        ("of a bucket that is not known", [MADE, OTHER, bucket_policy("a", UNKNOWN, "made", "other"), bucket_policy("b", UNKNOWN, "made")]),
        ("of what nothing in the stack makes", [bucket_policy("a", UNKNOWN), bucket_policy("b", UNKNOWN)]),
        ("a key with the policy that it was made with", [Made(KEY, "key", {"arn": KEY_ARN, "keyId": KEY_ID, "policy": "{}"}), key_policy("a")]),
        ("replicas of a multi-region key", [key_policy("a", f"mrk-{KEY_ID}"), key_policy("b", f"mrk-{KEY_ID}", region="eu-west-1")]),
    ],
)  # fmt: skip
def test_what_has_one_writer_is_left_alone(why: str, made: list[Made]) -> None:
    assert reports(*made) == [], why
