"""What is shown as granted is what stands there: its conditions and prefixes too, and nothing that is denied."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.cloud import Cloud
from sandbox.granted import SERVICE, Grant, grants

ON = "arn:aws:s3:::data"
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{ON}/*"}
OUTSIDE = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}


def test_a_key_is_one_thing_by_its_id_and_by_its_arn(account: Cloud) -> None:
    account.reset()
    key = account.kms().create_key()["KeyMetadata"]
    policy = account.kms().get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    found = [
        grants(account, [{"type": "aws:kms/keyPolicy:KeyPolicy", "outputs": {"keyId": name, "policy": policy}}])
        for name in (key["KeyId"], key["Arn"])
    ]
    assert found[0] == found[1]
    assert {grant.on for grant in found[0]} == {f"key {key['KeyId']}"}


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        (
            {**READS, "Principal": {"Service": "personalize.amazonaws.com"}, "Resource": f"{ON}/in/*"},
            [Grant(SERVICE, ("s3:GetObject",), "bucket data", "bucket policy", "the object is in/*")],
        ),
        ({**READS, "Effect": "Deny", "Principal": "*"}, []),
        (
            {**READS, "Principal": "*", "Condition": OUTSIDE},
            [Grant("everybody", ("s3:GetObject",), "bucket data", "bucket policy", "aws:PrincipalOrgID is not o-1")],
        ),
        (
            {"Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteObject", "Resource": f"{ON}/*"},
            [Grant("everybody", ("all but s3:DeleteObject",), "bucket data", "bucket policy")],
        ),
    ],
    ids=["a prefix", "a denial", "a condition turned round", "all actions but one"],
)
def test_a_statement_is_shown_for_what_it_says(statement: dict[str, Any], shown: list[Grant], account: Cloud) -> None:
    account.reset()
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.s3().create_bucket(Bucket="data")
    account.s3().put_bucket_policy(Bucket="data", Policy=policy)
    attached = {"type": "aws:s3/bucketPolicy:BucketPolicy", "outputs": {"bucket": "data", "policy": policy}}
    assert grants(account, [attached]) == shown
