"""In random accounts the doctor says "works" where an independent evaluation allows every request, and nowhere else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions.doctor import Health
from tests.doctor.test_faults import POLICIES, examined
from tests.doctor.worlds import ACCOUNT, ALICE, BUCKET, JOBS, KEY, ROLE, SERVICE, World, healthy

PRINCIPALS = ["*", {"AWS": ROLE}, {"AWS": "123456789012"}, {"AWS": [ALICE, ROLE]}, {"Service": SERVICE}]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {},
    {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    {"StringNotEqualsIfExists": {"aws:SourceAccount": "123456789012"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    {"ArnNotEquals": {"aws:PrincipalArn": ROLE}},
    {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}},
    {"Null": {"s3:x-amz-server-side-encryption": "true"}},
    {"StringEquals": {"kms:GrantIsForAWSResource": "true"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:personalize:*:123456789012:dataset-*"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2023-01-01T00:00:00Z"}},
    {"DateLessThan": {"aws:CurrentTime": "2093-01-01T00:00:00Z"}},
    {"DateLessThan": {"aws:EpochTime": "1700000000"}},
    {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"}, "Null": {"aws:SourceAccount": "false"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}},
    {"StringNotEquals": {"aws:ResourceAccount": "123456789012"}},
    {"StringEquals": {"s3:ResourceAccount": "123456789012"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "recs"}},
    {"StringNotEquals": {"kms:CallerAccount": "123456789012"}},
    {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    {"Bool": {"aws:ViaAWSService": "false"}},
    {"StringEquals": {"iam:ResourceTag/team": "recs"}},
]
ACTIONS = {
    "person": ["iam:PassRole", "iam:*", "kms:*", "*"],
    "trust": ["sts:AssumeRole", "sts:*"],
    "role": ["s3:GetObject", "s3:*", "s3:PutObject", "kms:Decrypt", "kms:*", "cloudwatch:*", "*"],
    "boundary": ["s3:*", "kms:*", "*", "cloudwatch:PutMetricData"],
    "bucket": ["s3:GetObject", "s3:Put*", "s3:ListBucket", "s3:*"],
    "key": ["kms:Decrypt", "kms:*", "kms:CreateGrant", "kms:List*"],
}
RESOURCES = {"bucket": [BUCKET, f"{BUCKET}/*", f"{BUCKET}/in/*", "arn:aws:s3:::other/*"], "key": ["*"]}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Healthy accounts with pieces taken out and others put in."""
    flags = st.booleans()
    world = healthy(draw(st.sampled_from(list(JOBS))), key=draw(flags), boundary=draw(flags))
    world.organization = draw(st.sampled_from(["", "o-a1b2c3d4e5", "o-another000"]))
    world.owner = draw(st.sampled_from([ACCOUNT, ACCOUNT, "999999999999"]))
    for side, statements in world.sides.items():
        kept = draw(st.integers(0, 9))
        if kept < 2 and statements:
            statements.pop(draw(st.integers(0, len(statements) - 1)))
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            statements.append(draw(statement(side)))
    return world


@st.composite
def statement(draw: st.DrawFn, side: str) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        "Action": draw(st.sampled_from(ACTIONS[side])),
    }
    if side in {"trust", "bucket", "key"}:
        parts["Principal"] = draw(st.sampled_from(PRINCIPALS))
    if side != "trust":
        parts["Resource"] = draw(st.sampled_from(RESOURCES.get(side, ["*", f"{BUCKET}/*", KEY, ROLE])))
    if condition := draw(st.sampled_from(CONDITIONS)):
        parts["Condition"] = condition
    return parts


@given(world=worlds())
def test_it_says_works_where_an_independent_evaluation_allows_everything(world: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        diagnosis = examined(world, Path(folder))
    assert diagnosis.health is (Health.WORKS if world.works() else Health.BLOCKED), diagnosis


class Cut(World):
    """An account of which some files are missing, or lack the documents of managed policies."""

    missing: frozenset[str] = frozenset()

    def files(self, folder: Path) -> Path:
        super().files(folder)
        if "managed" in self.missing:
            account = json.loads((folder / "account.json").read_text())
            (folder / "account.json").write_text(json.dumps({**account, "Policies": []}))
        for name in {"bucket-policy.json", "key.json"} & self.missing:
            (folder / name).unlink(missing_ok=True)
        return folder


SIDES = {"managed": ("person", "boundary"), "bucket-policy.json": ("bucket",), "key.json": ("key",)}
"""Whose statements are missing."""


@given(world=worlds(), missing=st.sets(st.sampled_from(list(SIDES)), min_size=1))
def test_what_is_missing_is_needed_unless_nothing_that_it_may_hold_would_do(world: World, missing: set[str]) -> None:
    cut = Cut(world.use, world.sides, world.organization, world.owner)
    cut.missing = frozenset(missing)
    with tempfile.TemporaryDirectory() as folder:
        diagnosis = examined(cut, Path(folder))
    lacking = {side for name in missing for side in SIDES[name]} & world.sides.keys()
    for side in lacking:
        principal = {"Principal": "*"} if side in {"bucket", "key"} else {}
        world.sides[side] = [{"Effect": "Allow", **principal, "Action": "*", "Resource": "*"}]
    undecided = Health.UNKNOWN if lacking else Health.WORKS
    assert diagnosis.health is (undecided if world.works() else Health.BLOCKED), diagnosis


@given(world=worlds())
def test_what_it_says_to_write_ends_in_an_account_that_works(world: World) -> None:
    for _ in range(30):
        with tempfile.TemporaryDirectory() as folder:
            fault = examined(world, Path(folder)).fault
        if fault is None:
            break
        side = next(side for side, policy in POLICIES.items() if policy == fault.policy)
        # A Deny on several sides is about one of them at a time.
        denying = [each.statement.to_dict() for each in fault.statements]
        world.sides[side] = [each for each in world.sides[side] if as_written(each) not in denying]
        world.sides[side] += [each.to_dict() for each in fault.remedy]
    assert world.works()


def as_written(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement as the doctor shows it."""
    return PolicyDocument.parse({"Statement": [statement]}).statements[0].to_dict()
