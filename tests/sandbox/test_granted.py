"""The table shows the account's grants: their conditions and prefixes too, and nothing that is denied."""

from __future__ import annotations

import json
from typing import Any

import pytest

from personalize_permissions._documents.identities import READER_ACTIONS
from sandbox.cloud import Cloud
from sandbox.granted import SERVICE, Grant, grants
from sandbox.show import actions_in_words

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


@pytest.mark.parametrize(
    ("resource", "thing"),
    [
        ("arn:aws:personalize:us-east-1:123456789012:campaign/shop", "campaign shop"),
        ("arn:aws:personalize:us-east-1:123456789012:dataset/shop/ITEMS", "dataset shop/ITEMS"),
        ("arn:aws:personalize:us-east-1:123456789012:batch-inference-job/*", "any batch inference job"),
        ("arn:aws:personalize:us-east-1:123456789012:*", "Personalize in us-east-1"),
        ("arn:aws:personalize:::recipe/*", "AWS's recipes and algorithms"),
        ("*", "all of Personalize"),
    ],
)
def test_what_identities_use_is_named_in_words(resource: str, thing: str, account: Cloud) -> None:
    account.reset()
    document = {"Effect": "Allow", "Action": "personalize:GetRecommendations", "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": document})
    account.iam().create_user(UserName="alice")
    arn = account.iam().create_policy(PolicyName="one", PolicyDocument=policy)["Policy"]["Arn"]
    attached = {
        "type": "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "outputs": {"user": "alice", "policyArn": arn},
    }
    [grant] = grants(account, [attached])
    assert grant == Grant("user alice", ("personalize:GetRecommendations",), thing, "attached policy")


def test_many_actions_are_counted_by_their_verbs() -> None:
    few = ("kms:Decrypt", "kms:DescribeKey")
    assert actions_in_words(few) == "kms: Decrypt, DescribeKey"
    many = actions_in_words(READER_ACTIONS)
    assert many == "personalize: List… (19), Describe… (19), GetDataInsights, GetSolutionMetrics"
