"""A run that dies at any stage is recovered by the next, and nothing of others is touched."""

from __future__ import annotations

import json
import random
import signal
from functools import partial

import hypothesis
import pytest

from sandbox.recovery import recover
from sandbox.session import Project, Sandbox
from tests.faults.injection import KILLS, Fault, FaultyCloud, Rule
from tests.faults.world import World, settle

pytestmark = pytest.mark.engine

_FEWEST_WRITES = 12
"""A first run writes no less often, in whatever order."""


def at_any_writes(seed: int) -> list[Rule]:
    dice = random.Random(seed)
    return [Rule(meets=dice.choice(sorted(KILLS)), skip=skip) for skip in dice.sample(range(_FEWEST_WRITES), k=3)]


def at_stages(fault: Fault, *stages: str) -> list[Rule]:
    return [Rule(meets=fault, calls=stage) for stage in stages]


MAKING = {  # each stage waits for the one before it, so that no run has passed the next one's
    "before": partial(at_stages, Fault.KILLED_BEFORE, "iam:CreateRole", "iam:AttachRolePolicy", "kms:PutKeyPolicy"),
    "after": partial(at_stages, Fault.KILLED_AFTER, "iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"),
    **{f"seed {seed}": partial(at_any_writes, seed) for seed in range(hypothesis.settings().max_examples // 250)},
}
"""Those of a seed are made under `--hypothesis-profile=fuzz`."""


def die(project: Project, faulty: FaultyCloud, fault: Fault, calls: str, command: str = "up") -> None:
    """A run that is killed when the call comes, and what `make up` does about it."""
    faulty.plan = Rule(meets=fault, calls=calls)
    assert getattr(project, command)(check=False).code == -signal.SIGKILL
    assert recover(project)
    faulty.plan = None


@pytest.mark.parametrize("case", MAKING)
def test_killed_while_it_makes_things(case: str, faulty: FaultyCloud, stormy: Sandbox) -> None:
    world = World.planted(faulty.moto)
    before = world.foreign()
    project = world.project(stormy)
    deaths = MAKING[case]()
    for death in deaths:
        faulty.plan = death
        if not project.up(check=False).ok:
            assert recover(project)
    faulty.plan = None
    assert faulty.met.total() >= (1 if case.startswith("seed") else len(deaths))
    settle(world, project)
    assert world.foreign() == before
    project.destroy()
    assert world.made() == set()
    assert world.foreign() == before


SECRET_PEOPLE = """
import json
import pulumi
from personalize_permissions import PersonalizePermissions

args = json.loads(pulumi.Config().require("args"))
args["users"] = [pulumi.Output.secret(name) for name in args["users"]]
PersonalizePermissions("recs", args)
"""


def test_what_a_killed_run_made_can_be_destroyed_at_once(faulty: FaultyCloud, stormy: Sandbox) -> None:
    world = World.planted(faulty.moto)
    before = world.foreign()
    project = stormy.program(SECRET_PEOPLE, {"args": world.arguments(users=["alice", "bob"])})
    die(project, faulty, Fault.KILLED_AFTER, "iam:CreateRole")
    die(project, faulty, Fault.KILLED_AFTER, "iam:AttachUserPolicy")
    project.destroy()
    assert world.made() == set()
    assert world.foreign() == before


def test_killed_while_it_changes_and_destroys_things(faulty: FaultyCloud, stormy: Sandbox) -> None:
    world = World.planted(faulty.moto)
    before = world.foreign()
    named = {"name": "recommender"}
    project = world.project(stormy, service_role=named)
    project.up()

    buckets = [{"bucket": "shop-training", "uses": ["batch"]}, world.arguments()["buckets"][1]]
    project.configure({"args": world.arguments(service_role=named, buckets=buckets)})
    die(project, faulty, Fault.KILLED_AFTER, "s3:PutBucketPolicy")
    moved = world.arguments(
        service_role={**named, "path": "/shop/"},  # deletes the role, and makes one of the same name
        policy_path="/shop/",  # makes a policy of another name, and then deletes the first
        users=["bob"],
        buckets=buckets,
    )
    project.configure({"args": moved})
    die(project, faulty, Fault.KILLED_AFTER, "iam:CreateRole")
    die(project, faulty, Fault.KILLED_AFTER, "iam:CreatePolicy")
    die(project, faulty, Fault.KILLED_BEFORE, "iam:AttachUserPolicy")
    settle(world, project)
    assert faulty.moto.iam().get_role(RoleName="recommender")["Role"]["Path"] == "/shop/"
    assert world.foreign() == before

    die(project, faulty, Fault.KILLED_AFTER, "iam:Detach*", "destroy")
    die(project, faulty, Fault.ENGINE_KILLED, "iam:DeletePolicy", "destroy")
    die(project, faulty, Fault.KILLED_BEFORE, "iam:DeleteRole", "destroy")
    project.destroy()
    assert world.made() == set()
    assert world.foreign() == before


def test_what_others_have_under_the_name_of_something_pending_is_not_taken_over(
    faulty: FaultyCloud, stormy: Sandbox
) -> None:
    iam = faulty.moto.iam()
    theirs = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [theirs]})
    iam.create_role(RoleName="recommender", AssumeRolePolicyDocument=trust)
    before = iam.get_role(RoleName="recommender")["Role"]
    project = World.planted(faulty.moto).project(stormy, service_role={"name": "recommender"})
    faulty.plan = Rule(meets=Fault.KILLED_BEFORE, calls="iam:CreateRole")
    assert project.up(check=False).code == -signal.SIGKILL
    assert recover(project)
    project.destroy()
    assert iam.get_role(RoleName="recommender")["Role"] == before


def test_a_provider_that_dies_is_named_and_the_next_run_goes_on(faulty: FaultyCloud, stormy: Sandbox) -> None:
    if stormy.plugin.kind != "terraform":
        pytest.skip("this provider has no process of its own behind the plugin")
    world = World.planted(faulty.moto)
    project = world.project(stormy)
    faulty.plan = Rule(meets=Fault.PROVIDER_KILLED, calls="iam:CreateRole")
    # One at a time: what else is being made when a provider dies may stand without a word of it.
    failed = project.up("--parallel", "1", check=False)
    faulty.plan = None
    assert failed.code > 0
    assert f"{stormy.plugin.label} was killed (SIGKILL) at ApplyResourceChange" in failed.output
    assert "run the command again" in failed.output
    assert "Traceback" not in failed.output
    settle(world, project)
