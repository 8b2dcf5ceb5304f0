"""The preview warns of a Deny in a bucket's existing policy that refuses what is granted, and names the statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from personalize_permissions import PersonalizeBucketAccess
from personalize_permissions.testing import run
from tests.docs.pages import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYTHING = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
OTHERS = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::data/*",
}

BUCKET = {"bucket": "data", "uses": ["import"], "prefix": "in/", "service_role_name": "recommender"}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": EVERYTHING, **elements}


def condition(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


DENIED = {
    "only a VPC endpoint": (deny(**condition("StringNotEquals", "aws:sourceVpce", "vpce-1")), "s3:ListBucket"),
    "only a VPC": (deny(**condition("StringNotEquals", "aws:SourceVpc", "vpc-1")), "s3:ListBucket"),
    "only an organization": (deny(**condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")), "s3:ListBucket"),
    "since a date": (deny(**condition("DateGreaterThan", "aws:CurrentTime", "2023-01-01T00:00:00Z")), "s3:ListBucket"),
    "import jobs": (
        deny(**condition("ArnLike", "aws:SourceArn", "arn:aws:personalize:*:*:dataset-import-job/*")),
        "s3:ListBucket",
    ),
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
    "another region": deny(**condition("StringNotEquals", "aws:RequestedRegion", "us-east-1")),
    "other accounts' buckets": deny(**condition("StringNotEquals", "s3:ResourceAccount", "123456789012")),
    "services of other organizations": deny(**condition("StringNotEquals", "aws:SourceOrgID", "o-1")),
    "until a date": deny(**condition("DateLessThan", "aws:CurrentTime", "2023-01-01T00:00:00Z")),
    "export jobs": deny(**condition("ArnLike", "aws:SourceArn", "arn:aws:personalize:*:*:dataset-export-job/*")),
    "another principal": deny(Principal={"AWS": "arn:aws:iam::123456789012:user/eve"}),
    "deleting": deny(Action="s3:DeleteObject"),
    "another prefix": deny(Resource="arn:aws:s3:::data/out/*"),
}


@pytest.fixture
def warnings_for(caplog: pytest.LogCaptureFixture) -> Callable[..., list[str]]:
    """Return the warnings of a preview, by the bucket's existing policy."""

    def warnings(*statements: dict[str, Any], secret: bool = False) -> list[str]:
        existing = json.dumps({"Version": "2012-10-17", "Statement": [OTHERS, *statements]})

        def program() -> PersonalizeBucketAccess:
            given: Any = pulumi.Output.secret(existing) if secret else existing
            args: Any = {**BUCKET, "existing_policy": given}
            return PersonalizeBucketAccess("bucket", args)

        run(program, preview=True)
        return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]

    return warnings


@pytest.mark.parametrize("name", DENIED)
@pytest.mark.parametrize("secret", [False, True], ids=["plain", "secret"])
def test_a_deny_of_what_is_granted_is_a_warning(name: str, secret: bool, warnings_for: Any) -> None:
    statement, denied = DENIED[name]
    [warning] = warnings_for({**statement, "Sid": "Secretive"}, secret=secret)
    assert "`existing_policy` of bucket denies what the component grants, in Statement[1] (" in warning
    assert denied in warning
    assert "Secretive" not in warning


@pytest.mark.parametrize("name", ALLOWED)
def test_a_deny_of_something_else_is_none(name: str, warnings_for: Any) -> None:
    assert warnings_for(ALLOWED[name]) == []


def test_the_recipe_shows_the_warning(warnings_for: Any) -> None:
    shown, *_ = (block.text.strip() for block in blocks(DOCS / "recipes/existing-bucket.md") if "denies" in block.text)
    [warning] = warnings_for(DENIED["only a VPC"][0])
    assert warning.partition("denies")[2] == shown.partition("denies")[2]
