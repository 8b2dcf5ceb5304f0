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
