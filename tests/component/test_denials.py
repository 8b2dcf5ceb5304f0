"""The preview warns of a Deny in a bucket's existing policy that refuses what is granted, and names the statement."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from personalize_permissions import PersonalizeBucketAccess
from tests.docs.pages import DOCS, blocks

EVERYTHING = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
OTHERS = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::data/*",
}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": EVERYTHING, **elements}


def condition(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


DENIED = {
    "only a VPC endpoint": (deny(**condition("StringNotEquals", "aws:sourceVpce", "vpce-1")), "s3:ListBucket"),
    "only a VPC": (deny(**condition("StringNotEquals", "aws:SourceVpc", "vpc-1")), "s3:ListBucket"),
    "only an organization": (deny(**condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")), "s3:ListBucket"),
    "everybody": (deny(), "s3:ListBucket"),
    "reading alone": (deny(Action="s3:GetObject"), "s3:GetObject)"),
    "the prefix": (deny(Resource="arn:aws:s3:::data/in/*"), "s3:GetObject)"),
}
ALLOWED = {
    "without TLS": deny(**condition("Bool", "aws:SecureTransport", "false")),
    "all but services": deny(
        Condition={
            "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        }
    ),
    "other accounts' sources": deny(**condition("StringNotEquals", "aws:SourceAccount", "123456789012")),
    "another principal": deny(Principal={"AWS": "arn:aws:iam::123456789012:user/eve"}),
    "deleting": deny(Action="s3:DeleteObject"),
    "another prefix": deny(Resource="arn:aws:s3:::data/out/*"),
}


def told(run: Any, monkeypatch: pytest.MonkeyPatch, existing: Any) -> list[str]:
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: warnings.append(message))
    args: Any = {
        "bucket": "data",
        "uses": ["import"],
        "prefix": "in/",
        "service_role_name": "recommender",
        "existing_policy": existing,
    }
    run(lambda: PersonalizeBucketAccess("bucket", args).bucket_policy, preview=True)
    return warnings


@pytest.mark.parametrize("name", DENIED)
@pytest.mark.parametrize("as_secret", [False, True], ids=["plain", "secret"])
def test_a_deny_of_what_is_granted_is_told(
    name: str, as_secret: bool, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement, denied = DENIED[name]
    existing: Any = json.dumps({"Version": "2012-10-17", "Statement": [OTHERS, {**statement, "Sid": "Secretive"}]})
    [warning] = told(run, monkeypatch, pulumi.Output.secret(existing) if as_secret else existing)
    assert "`existing_policy` of bucket denies what is granted here, in Statement[1] (" in warning
    assert denied in warning
    assert "Secretive" not in warning


@pytest.mark.parametrize("name", ALLOWED)
def test_a_deny_of_something_else_is_not_told(name: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    existing = json.dumps({"Version": "2012-10-17", "Statement": [OTHERS, ALLOWED[name]]})
    assert told(run, monkeypatch, existing) == []


def test_the_recipe_shows_the_warning(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, *_ = (block.text.strip() for block in blocks(DOCS / "recipes/existing-bucket.md") if "denies" in block.text)
    statement = DENIED["only a VPC"][0]
    [warning] = told(run, monkeypatch, json.dumps({"Version": "2012-10-17", "Statement": [OTHERS, statement]}))
    assert warning.partition("denies")[2] == shown.partition("denies")[2]
