"""The key of a bucket that a service role may use, however the bucket's encryption is written."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import UNKNOWN, stack_arguments
from sandbox.paths import REPOSITORY
from tests.docs.pages import rows
from tests.pack.spellings import ACCOUNT, ROLE_ARN, resource
from tests.pack.test_companions import TRUST, allow, document

NAME = "bucket-encryption-key-access"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READS = allow("s3:GetObject", "arn:aws:s3:::data/*")
WRITES = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::data/in/*")
DECRYPTS = allow("kms:Decrypt", KEY)


def classic(**default: Any) -> dict[str, Any]:
    return {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", **default}}


def declared(key: Any) -> dict[str, Any]:
    default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    return {"BucketName": "data", "BucketEncryption": {"ServerSideEncryptionConfiguration": [default]}}


def native(key: Any) -> dict[str, Any]:
    default = {"serverSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}}
    return {"bucketName": "data", "bucketEncryption": {"serverSideEncryptionConfiguration": [default]}}


ENCRYPTED = {
    "of its own": lambda key: resource(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        bucket="data",
        rules=[classic(kmsMasterKeyId=key)],
    ),
    "of its own, second version": lambda key: resource(
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
        bucket="data",
        rules=[classic(kmsMasterKeyId=key)],
    ),
    "in the bucket": lambda key: resource(
        "aws:s3/bucket:Bucket",
        bucket="data",
        serverSideEncryptionConfiguration={"rule": classic(kmsMasterKeyId=key)},
    ),
    "in the bucket, second version": lambda key: resource(
        "aws:s3/bucketV2:BucketV2",
        bucket="data",
        serverSideEncryptionConfigurations=[{"rules": [classic(kmsMasterKeyId=key)]}],
    ),
    "native": lambda key: resource("aws-native:s3:Bucket", **native(key)),
    "cloud control": lambda key: resource(
        "aws:cloudcontrol/resource:Resource", typeName="AWS::S3::Bucket", desiredState=json.dumps(declared(key))
    ),
    "template": lambda key: resource(
        "aws:cloudformation/stack:Stack",
        templateBody=json.dumps({"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": declared(key)}}}),
    ),
}


def role(*statements: dict[str, Any], trust: Any = TRUST) -> list[Any]:
    return [
        resource("aws:iam/role:Role", name="service", arn=ROLE_ARN, assumeRolePolicy=json.dumps(trust)),
        resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=json.dumps(document(*statements))),
    ]


def messages_of(*resources: Any, policy: str = NAME) -> list[str]:
    [chosen] = (each for each in pack_policies() if each.name == policy)
    found: list[str] = []
    validate: Any = chosen
    validate.validate(stack_arguments(list(resources)), lambda message, _urn=None: found.append(message))
    return found


@pytest.mark.parametrize("spelling", ENCRYPTED)
def test_a_key_that_the_role_may_not_use_is_reported(spelling: str) -> None:
    bucket = ENCRYPTED[spelling](KEY)
    [message] = messages_of(bucket, *role(READS))
    assert message.startswith("Bucket data is encrypted with a KMS key, and service role service may use the bucket")
    assert message.endswith("it lacks kms:Decrypt.")
    assert messages_of(bucket, *role(READS, DECRYPTS)) == []
    [message] = messages_of(bucket, *role(WRITES, DECRYPTS))
    assert message.endswith("it lacks kms:GenerateDataKey.")
    assert messages_of(bucket, *role(WRITES, allow("kms:*", KEY))) == []


BUCKET = ENCRYPTED["of its own"]
ELSEWHERE = json.loads(json.dumps(TRUST).replace("personalize", "ec2"))
BY_KEY = document({**allow("kms:Decrypt", "*"), "Principal": {"AWS": ROLE_ARN}})
BY_ACCOUNT = document({**allow("kms:*", "*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})


@pytest.mark.parametrize(
    ("why", "resources", "count"),
    [
        ("another bucket", [BUCKET(KEY), *role(allow("s3:GetObject", "arn:aws:s3:::logs/*"))], 0),
        ("any bucket", [BUCKET(KEY), *role(allow("s3:*", "*"))], 1),
        ("listing alone", [BUCKET(KEY), *role(allow("s3:ListBucket", "arn:aws:s3:::data"))], 0),
        ("another key", [BUCKET(KEY), *role(READS, allow("kms:Decrypt", f"{KEY}0"))], 1),
        ("keys by pattern", [BUCKET(KEY), *role(READS, allow("kms:Decrypt", KEY.rsplit("/", 1)[0] + "/*"))], 0),
        ("a role of another service", [BUCKET(KEY), *role(READS, trust=ELSEWHERE)], 0),
        ("the key names the role", [BUCKET(KEY), *role(READS), resource("aws:kms/key:Key", policy=json.dumps(BY_KEY))], 0),
        ("the key leaves it to IAM", [BUCKET(KEY), *role(READS), resource("aws:kms/key:Key", policy=json.dumps(BY_ACCOUNT))], 1),
        ("an alias", [BUCKET("alias/aws/s3"), *role(READS)], 0),
        ("not known yet", [BUCKET(UNKNOWN), *role(READS)], 0),
        ("no bucket of a key", role(READS), 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_only_what_lacks_a_key_is_reported(why: str, resources: list[Any], count: int) -> None:
    assert len(messages_of(*resources)) == count, why


def test_a_policy_that_is_not_known_yet_may_give_it() -> None:
    unknown = resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=UNKNOWN)
    assert messages_of(BUCKET(KEY), *role(READS), unknown) == []


def test_the_page_tells_the_cases() -> None:
    page = REPOSITORY / f"docs/policies/{NAME}.md"
    cases = list(rows(page, "the bucket's encryption"))
    assert len(cases) == 5
    for encryption, may, reported in cases:
        bucket = "logs" if "another bucket" in may else "data"
        actions = re.findall(r"s3:\w+", may)
        allowed = [allow(actions, f"arn:aws:s3:::{bucket}/*"), *([DECRYPTS] if "kms:Decrypt" in may else [])]
        given = BUCKET(KEY) if "KMS" in encryption else resource(BUCKET(KEY).type, bucket="data", rules=[classic()])
        found = messages_of(given, *role(*allowed))
        lacking = re.findall(r"kms:\w+", reported)
        assert bool(found) is reported.startswith("yes")
        assert all(f"it lacks {action}." in message for message in found for action in lacking)
