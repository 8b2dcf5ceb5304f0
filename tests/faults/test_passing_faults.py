"""What passes on AWS passes here: the plugin repeats what may be repeated, and the stack does not notice."""

from __future__ import annotations

import re

import hypothesis
import pytest

from sandbox.session import Sandbox
from tests.faults.injection import Fault, FaultyCloud, FirstOf, Rule, Storm
from tests.faults.world import World, recorded, settle

pytestmark = pytest.mark.engine

SEEDS = range(max(1, hypothesis.settings().max_examples // 250))
"""More of them under `--hypothesis-profile=fuzz`."""


def test_a_cloud_that_is_slow_to_know_what_it_was_documented(faulty: FaultyCloud, stormy: Sandbox) -> None:
    world = World.planted(faulty.moto)
    before = world.foreign()
    project = world.project(stormy)
    faulty.plan = FirstOf(
        [
            Rule(meets=Fault.SILENT, calls="iam:CreatePolicy"),
            Rule(meets=Fault.UNUSABLE, calls="iam:CreateRole"),
            Rule(meets=Fault.UNUSABLE, calls="kms:PutKeyPolicy", times=3),
            Rule(meets=Fault.UNUSABLE, calls="s3:PutBucketPolicy", each=True, times=2),
            Rule(meets=Fault.UNSEEN, calls="iam:GetRole", only_writes=False, each=True, times=3),
            Rule(meets=Fault.UNSEEN, calls="iam:GetRolePolicy", only_writes=False, times=2),
            Rule(meets=Fault.LOST_ANSWER, calls="iam:Attach*", each=True),
            Rule(meets=Fault.LOST_ANSWER, calls="iam:PutRolePolicy"),
        ]
    )
    project.up()
    assert world.made() - recorded(project) == set()
    assert world.foreign() == before
    assert set(faulty.met) == {Fault.SILENT, Fault.UNUSABLE, Fault.UNSEEN, Fault.LOST_ANSWER}

    faulty.plan = Rule(meets=Fault.LOST_ANSWER, each=True)
    project.destroy()
    assert world.made() == set()
    assert world.foreign() == before


STORM = [Fault.THROTTLED, Fault.UNAVAILABLE, Fault.LOST_REQUEST, Fault.LOST_ANSWER]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm(seed: int, faulty: FaultyCloud, stormy: Sandbox) -> None:
    world = World.planted(faulty.moto)
    before = world.foreign()
    project = world.project(stormy)
    faulty.plan = Storm(seed=seed, of=STORM)
    project.up()
    project.configure({"args": world.arguments(users=["alice", "bob"], policy_path="/shop/")})
    settle(world, project)
    assert world.foreign() == before
    project.destroy()
    assert world.made() == set()
    assert world.foreign() == before
    assert faulty.met.total() > 10


def test_a_creation_whose_answer_is_lost_is_reported_by_name(faulty: FaultyCloud, stormy: Sandbox) -> None:
    """As on AWS: the repeated call finds the name taken, and nobody can tell by whom."""
    world = World.planted(faulty.moto)
    before = world.foreign()
    project = world.project(stormy)
    faulty.plan = Rule(meets=Fault.LOST_ANSWER, calls="iam:CreateRole")
    failed = project.up(check=False)
    reported = re.search(r"creating IAM Role \((?P<name>[\w-]+)\): .*EntityAlreadyExists", failed.output)
    assert not failed.ok
    assert reported
    project.up()
    project.destroy()
    assert world.made() == {reported["name"]}
    assert world.foreign() == before
