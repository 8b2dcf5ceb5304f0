"""A condition on a key whose value the files or the command give is decided by that value."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personalize_permissions._documents import requests
from personalize_permissions.doctor import Health
from tests.doctor.test_faults import examined
from tests.doctor.worlds import ACCOUNT, BUCKET, KEY, ROLE, World, healthy

ORGANIZATION = "o-a1b2c3d4e5"
ON_BUCKET = {"Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"]}
SINCE, UNTIL = "2023-01-01T00:00:00Z", "2093-01-01T00:00:00Z"
S3 = "s3.us-east-1.amazonaws.com"


def deny(side: str, **condition: Any) -> tuple[str, dict[str, Any]]:
    """A Deny of everything on one side."""
    where = {"bucket": {"Principal": "*", **ON_BUCKET}, "key": {"Principal": "*", "Action": "kms:*", "Resource": "*"}}
    part = where.get(side, {"Action": "*", "Resource": "*"})
    return side, {"Effect": "Deny", **part, "Condition": condition}


def perimeter(organization: str) -> dict[str, Any]:
    return {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": organization},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }


BLOCKING: dict[str, tuple[str, dict[str, Any]]] = {
    "since a time that is past": deny("role", DateGreaterThan={"aws:CurrentTime": SINCE}),
    "since a second that is past": deny("bucket", DateGreaterThan={"aws:EpochTime": "1672531200"}),
    "another region": deny("bucket", StringNotEquals={"aws:RequestedRegion": "eu-west-1"}),
    "services of another organization": deny("bucket", **perimeter("o-another000")),
    "buckets of another account": deny("role", StringNotEquals={"s3:ResourceAccount": "999999999999"}),
    "another team": deny("role", StringNotEquals={"aws:PrincipalTag/team": "ads"}),
    "calls of the role for nobody else": deny("role", Bool={"aws:ViaAWSService": "false"}),
    "calls of the service for nobody else": deny("bucket", Bool={"aws:ViaAWSService": "false"}),
    "another organization's people": deny("role", StringNotEquals={"aws:PrincipalOrgID": "o-another000"}),
    "roles that are tagged": deny("person", StringEquals={"iam:ResourceTag/team": "recs"}),
}
HARMLESS: dict[str, tuple[str, dict[str, Any]]] = {
    "until a time that is past": deny("role", DateLessThan={"aws:CurrentTime": SINCE}),
    "another region": deny("bucket", StringNotEquals={"aws:RequestedRegion": "us-east-1"}),
    "services of another organization": deny("bucket", **perimeter(ORGANIZATION)),
    "buckets of another account": deny("bucket", StringNotEquals={"s3:ResourceAccount": ACCOUNT}),
    "resources of another account": deny("bucket", StringNotEquals={"aws:ResourceAccount": ACCOUNT}),
    "anything of another account": deny("role", StringNotEquals={"aws:ResourceAccount": ACCOUNT}),
    "resources of another organization": deny("bucket", StringNotEquals={"aws:ResourceOrgID": ORGANIZATION}),
    "another team": deny("role", StringNotEquals={"aws:PrincipalTag/team": "recs"}),
    "callers of another account": deny("key", StringNotEquals={"kms:CallerAccount": ACCOUNT}),
    "other services' use of the key": deny("key", StringNotEquals={"kms:ViaService": S3}),
    "other teams' roles": (
        "person",
        {
            "Effect": "Deny",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "recs"}},
        },
    ),
}


def world_with(side: str, statement: dict[str, Any]) -> World:
    world = healthy("import", key=True, boundary=True).plus(side, statement)
    world.organization = ORGANIZATION
    return world


@pytest.mark.parametrize("name", BLOCKING)
def test_a_deny_that_matches_the_value_blocks(name: str, tmp_path: Path) -> None:
    world = world_with(*BLOCKING[name])
    diagnosis = examined(world, tmp_path)
    assert diagnosis.health is Health.BLOCKED, diagnosis
    assert not world.works()


@pytest.mark.parametrize("name", HARMLESS)
def test_a_deny_of_other_values_is_not_in_the_way(name: str, tmp_path: Path) -> None:
    world = world_with(*HARMLESS[name])
    diagnosis = examined(world, tmp_path)
    assert diagnosis.health is Health.WORKS, diagnosis
    assert world.works()


def test_an_allow_holds_until_its_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = healthy("import", key=False, boundary=False)
    for statement in world.sides["role"]:
        statement["Condition"] = {"DateLessThan": {"aws:CurrentTime": UNTIL}}
    assert examined(world, tmp_path).health is Health.WORKS
    monkeypatch.setattr(requests, "now", lambda: datetime(2094, 1, 1, tzinfo=UTC))
    fault = examined(world, tmp_path).fault
    assert fault
    assert "in the request it is 2094-01-01T00:00:00Z" in fault.nearest[0]


def test_a_key_that_is_open_through_s3_is_open(tmp_path: Path) -> None:
    """S3 uses the key of a bucket for whoever reads or writes."""
    world = healthy("import", key=True, boundary=True)
    condition = {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": S3}}
    through = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", "Condition": condition}
    world.sides["key"] = [through]
    diagnosis = examined(world, tmp_path)
    assert diagnosis.health is Health.WORKS, diagnosis
    assert world.works()
    condition["StringEquals"]["kms:ViaService"] = "s3.eu-west-1.amazonaws.com"
    fault = examined(world, tmp_path).fault
    assert fault
    assert fault.policy == f"the policy of key {KEY}"
    assert "kms:ViaService does not hold: in the request it is s3.us-east-1" in fault.nearest[0]


@pytest.mark.parametrize(
    ("wrong", "kept"),
    [
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        (
            {"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{ACCOUNT}:*"}, "Bool": {"aws:SecureTransport": "true"}},
            {
                "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
                "Bool": {"aws:SecureTransport": "true"},
            },
        ),
        (
            {
                "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNT}:*"},
                "StringLike": {"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{ACCOUNT}:*"},
            },
            {"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNT}:*"}},
        ),
        (
            {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceVpce": "vpce-1"}},
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        ),
    ],
)  # fmt: skip
def test_what_to_add_keeps_the_conditions_of_the_nearest_allow(
    wrong: dict[str, Any], kept: dict[str, Any], tmp_path: Path
) -> None:
    world = healthy("import", key=False, boundary=False)
    for statement in world.sides["bucket"]:
        statement["Condition"] = wrong
    fault = examined(world, tmp_path).fault
    assert fault
    assert [each.to_dict()["Condition"] for each in fault.remedy] == [kept, kept]


def test_the_account_of_what_the_role_may_use_is_kept_too(tmp_path: Path) -> None:
    world = healthy("import", key=False, boundary=False)
    for statement in world.sides["role"]:
        statement["Condition"] = {"StringEquals": {"aws:ResourceAccount": "999999999999"}}
    fault = examined(world, tmp_path).fault
    assert fault
    assert all(
        each.to_dict()["Condition"] == {"StringEquals": {"aws:ResourceAccount": ACCOUNT}} for each in fault.remedy
    )


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"Principal": {"AWS": ROLE}}, "remove this Deny: it applies to nobody but role recs and the service"),
        ({"Principal": {"AWS": [ROLE, "arn:aws:iam::1:root"]}}, "remove this Deny, or narrow it"),
        (
            {"Principal": {"Service": "personalize.amazonaws.com"}},
            "remove this Deny: it applies to nobody but role recs and the service",
        ),
        ({"Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}}, "remove this Deny, or narrow it"),
        ({"Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}}, "remove this Deny, or narrow it"),
    ],
)
def test_no_deny_is_written_that_would_match_nobody(changed: dict[str, Any], advice: str, tmp_path: Path) -> None:
    side, statement = deny("bucket")
    fault = examined(world_with(side, {**statement, **changed}), tmp_path).fault
    assert fault
    assert fault.advice.startswith(advice)
    assert fault.remedy == ()


def test_a_deny_about_services_leaves_out_personalize_alone(tmp_path: Path) -> None:
    fault = examined(world_with(*deny("bucket", **perimeter("o-another000"))), tmp_path).fault
    assert fault
    condition: Any = fault.remedy[0].to_dict()["Condition"]
    assert condition["StringNotEquals"] == {"aws:PrincipalServiceName": "personalize.amazonaws.com"}
    assert condition["Bool"] == {"aws:PrincipalIsAWSService": "true"}
    assert "BoolIfExists" not in condition
