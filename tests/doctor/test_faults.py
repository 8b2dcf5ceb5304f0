"""In every account with a single fault the doctor names that piece, and what it says to write mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from personalize_permissions import BucketUse
from personalize_permissions.doctor import Diagnosis, Health, diagnose
from personalize_permissions.doctor._cases import Asked, situation_of
from personalize_permissions.doctor._files import read_files
from tests.doctor.worlds import BUCKET, JOBS, KEY, ROLE, ROOT, SERVICE, World, healthy

POLICIES = {
    "person": "the policies of user alice",
    "trust": "the trust policy of role recs",
    "role": "the policies of role recs",
    "boundary": "the permissions boundary of role recs",
    "bucket": "the policy of bucket data",
    "key": f"the policy of key {KEY}",
}
USES = list(JOBS)
SHAPES = [pytest.param(use, whole, whole) for use in USES for whole in (False, True)]
ON_BUCKET = {"Resource": [BUCKET, f"{BUCKET}/*"], "Action": "s3:*"}
EVERYBODY = {"Effect": "Deny", "Principal": "*", "Sid": "Fault"}


def examined(world: World, folder: Path) -> Diagnosis:
    asked = Asked(
        role="recs",
        bucket="data",
        use=BucketUse(world.use),
        prefix="in/",
        person="alice",
        region="us-east-1",
        organization=world.organization,
        bucket_account=world.owner,
    )
    return diagnose(situation_of(read_files([world.files(folder)]), asked))


def denials(use: str, key: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, side and statement."""
    yield (
        "VPC only",
        "bucket",
        {**EVERYBODY, **ON_BUCKET, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}},
    )
    yield (
        "TLS turned round",
        "bucket",
        {**EVERYBODY, **ON_BUCKET, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    )
    org = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    yield "organization", "bucket", {**EVERYBODY, **ON_BUCKET, "Condition": org}
    services = {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"}, "Null": {"aws:SourceAccount": "false"}}
    services["Bool"] = {"aws:PrincipalIsAWSService": "true"}
    yield "services of an organization", "bucket", {**EVERYBODY, **ON_BUCKET, "Condition": services}
    past = {"DateGreaterThan": {"aws:CurrentTime": "2023-01-01T00:00:00Z"}}
    yield "since a date", "bucket", {**EVERYBODY, **ON_BUCKET, "Condition": past}
    yield "the role by its ARN", "bucket", {**EVERYBODY, **ON_BUCKET, "Principal": {"AWS": ROLE}}
    yield (
        "the role by its id",
        "bucket",
        {**EVERYBODY, **ON_BUCKET, "Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}},
    )
    yield "the service", "bucket", {**EVERYBODY, **ON_BUCKET, "Principal": {"Service": SERVICE}}
    outsiders = {**EVERYBODY, **ON_BUCKET, "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:user/bob"}}
    yield "all but one", "bucket", {name: part for name, part in outsiders.items() if name != "Principal"}
    if use in {"batch", "export", "metrics"}:
        header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        condition = {"StringNotEquals": {header: KEY.replace("1234abcd", "9999abcd")}}
        yield (
            "another key's header",
            "bucket",
            {**EVERYBODY, **ON_BUCKET, "Action": "s3:PutObject", "Condition": condition},
        )
    own = {"Effect": "Deny", "Sid": "Fault", "Action": "s3:*", "Resource": "*"}
    yield "of the role itself", "role", own
    yield "of the boundary", "boundary", own
    yield "of the person", "person", {**own, "Action": "iam:Pass*"}
    yield "of the trust policy", "trust", {**EVERYBODY, "Action": "sts:*"}
    if key:
        yield "of the key", "key", {**EVERYBODY, "Action": "kms:Decrypt", "Resource": "*"}
        yield "of the person's use of the key", "person", {**own, "Action": "kms:*"}
        yield "of the role's use of the key", "role", {**own, "Action": "kms:GenerateDataKey"}


def mended(world: World, folder: Path) -> World:
    """The account after what the doctor says to write, once and again where one fault is in the way of several."""
    changed = deepcopy(world)
    for _ in range(3):
        fault = examined(changed, folder).fault
        if fault is None:
            break
        side = next(side for side, policy in POLICIES.items() if policy == fault.policy)
        if fault.statements:
            changed.sides[side] = [each for each in changed.sides[side] if each.get("Sid") != "Fault"]
        changed.sides[side] += [each.to_dict() for each in fault.remedy]
    return changed


@pytest.mark.parametrize(("use", "key", "boundary"), SHAPES)
def test_where_nothing_is_wrong_it_works(use: str, key: bool, boundary: bool, tmp_path: Path) -> None:
    world = healthy(use, key=key, boundary=boundary)
    diagnosis = examined(world, tmp_path)
    assert diagnosis.health is Health.WORKS, diagnosis
    assert world.works()


@pytest.mark.parametrize(("use", "key", "boundary"), SHAPES)
def test_each_single_piece_that_is_missing_is_named_and_can_be_written(
    use: str, key: bool, boundary: bool, tmp_path: Path
) -> None:
    whole = healthy(use, key=key, boundary=boundary)
    for side, statements in whole.sides.items():
        for index, piece in enumerate(statements):
            world = whole.without(side, index)
            diagnosis = examined(world, tmp_path)
            fault = diagnosis.fault
            assert diagnosis.health is Health.BLOCKED, (side, piece)
            assert not world.works()
            assert fault
            assert fault.policy == POLICIES[side], (side, piece, diagnosis)
            assert fault.outcome == "implicitly denied"
            if piece != ROOT:
                assert [each.split(" ")[0] for each in fault.requests] == [piece["Action"]], (side, piece)
            again = mended(world, tmp_path)
            assert examined(again, tmp_path).health is Health.WORKS, (side, piece, fault)
            assert again.works()


@pytest.mark.parametrize(("use", "key", "boundary"), SHAPES)
def test_each_denial_is_named_and_can_be_mended(use: str, key: bool, boundary: bool, tmp_path: Path) -> None:
    whole = healthy(use, key=key, boundary=boundary)
    for name, side, statement in denials(use, key):
        if side not in whole.sides:
            continue
        world = whole.plus(side, statement)
        diagnosis = examined(world, tmp_path)
        assert diagnosis.health is Health.BLOCKED, name
        assert not world.works(), name
        fault = diagnosis.fault
        assert fault
        assert (fault.policy, fault.outcome) == (POLICIES[side], "explicitly denied"), (name, diagnosis)
        assert [each.statement.sid for each in fault.statements] == ["Fault"], name
        again = mended(world, tmp_path)
        assert examined(again, tmp_path).health is Health.WORKS, (name, examined(again, tmp_path))
        assert again.works(), name


def test_a_condition_that_fails_is_reported(tmp_path: Path) -> None:
    world = healthy("import", key=False, boundary=False)
    world.sides["trust"][0]["Condition"]["ArnLike"] = {"aws:SourceArn": "arn:aws:personalize:eu-west-1:123456789012:*"}
    fault = examined(world, tmp_path).fault
    assert fault
    assert fault.policy == POLICIES["trust"]
    assert "ArnLike aws:SourceArn does not hold" in fault.nearest[0]
    assert json.loads(json.dumps(fault.remedy[0].to_dict()))["Condition"]["ArnLike"] == {
        "aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"
    }
