"""A run that AWS ends part-way keeps what it has made in its state, and the next one goes on from there."""

from __future__ import annotations

import pytest

from sandbox.session import Project, Sandbox
from tests.faults.injection import Fault, FaultyCloud, Rule
from tests.faults.world import World, foreign_policy, settle

pytestmark = pytest.mark.engine


def fail(project: Project, faulty: FaultyCloud, rule: Rule, command: str = "up") -> None:
    faulty.plan = rule
    failed = getattr(project, command)(check=False)
    assert failed.code > 0
    assert "AccessDenied" in failed.output
    faulty.plan = None


def refused(*, skip: int = 0, calls: str = "*", times: int = 1) -> Rule:
    return Rule(meets=Fault.REFUSED, calls=calls, skip=skip, times=times, only_writes=calls == "*")


def test_the_next_run_goes_on_where_one_was_refused(faulty: FaultyCloud, stormy: Sandbox) -> None:
    world = World.planted(faulty.moto)
    before = world.foreign()
    project = world.project(stormy)
    fail(project, faulty, refused(calls="s3:GetBucketPolicy", times=2))  # what is there is unknown: nothing is written
    assert faulty.moto.s3().get_bucket_policy(Bucket="shop-results")["Policy"] == foreign_policy("shop-results")
    fail(project, faulty, refused(calls="iam:ListAttachedRolePolicies"))  # the role is made, and cannot be read
    fail(project, faulty, refused(skip=5))
    settle(world, project)
    assert world.foreign() == before

    changed = world.arguments(users=["bob"], policy="custom", policy_path="/shop/", tags={"team": "shop"})
    project.configure({"args": changed})
    for skip in (1, 3):
        fail(project, faulty, refused(skip=skip))
        assert world.foreign() == before
    settle(world, project)
    assert world.foreign() == before

    fail(project, faulty, refused(skip=2), "destroy")
    project.destroy()
    assert world.made() == set()
    assert world.foreign() == before
