"""The random life of one stack: whatever its owner and others change, what stands is what a model says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings

from personalize_guardrails import TrustSettings, check_trust_policy
from sandbox.cloud import Cloud
from sandbox.engine import Engine
from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import Account
from tests.lifecycle.changes import LIVES, Change, eventful
from tests.lifecycle.story import Story
from tests.support.inline import InlineSandbox

pytestmark = pytest.mark.engine

MANY: Final = max(1, settings().max_examples // 100)
"""A life takes a minute on the real engine: one for each hundred examples that the profile asks for."""

PROGRAM: Final = """
import json
from pathlib import Path

from personalize_permissions import PersonalizePermissions

PersonalizePermissions("recs", json.loads(Path(__file__).with_name("args.json").read_text()))
"""


def test_a_life(engine: Engine, account: Cloud, pulumi_home: Path, tmp_path_factory: Any) -> None:
    """By default one long life, always the same; with `--hypothesis-profile=fuzz` many, and a failing one is shrunk."""

    @given(life=LIVES)
    @settings(
        max_examples=MANY,
        derandomize=MANY == 1,
        database=None if MANY == 1 else settings().database,
        report_multiple_bugs=False,
        phases=(Phase.generate,) if MANY == 1 else (Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    def live(life: list[list[Change]]) -> None:
        assume(MANY > 1 or eventful(life))
        one_life(life, InlineSandbox(tmp_path_factory.mktemp("life"), engine, account, home=pulumi_home))

    live()


def one_life(life: list[list[Change]], sandbox: Sandbox) -> None:
    """A stack from its first run to its destruction."""
    story, stack = Story(Account.opened(sandbox)), sandbox.program(PROGRAM)
    args: dict[str, Any] = {}
    for number, step in enumerate(life, 1):
        note(f"Step {number}: {step}")
        for change in step:
            change.happen(story)
        args = one_run(story, stack, args)

    note("Destroyed")
    stack.destroy()
    story.ran(None, "")
    assert story.account.standing() == story.expected(None, "")
    assert_others_statements_stand(story)


def one_run(story: Story, stack: Project, before: dict[str, Any]) -> dict[str, Any]:
    """Bring the stack up, and look at everything; the arguments of the run."""
    args, role_before = story.arguments(), story.account.service_role()
    (stack.folder / "args.json").write_text(json.dumps(args))
    stack.up()

    role = story.account.service_role()
    assert role
    story.ran(args, role["Arn"])
    assert story.account.standing() == story.expected(args, role["Arn"])
    assert_others_statements_stand(story)
    assert identity(args)[0] in {None, role["RoleName"]}
    if role_before and identity(args) == identity(before):
        assert role["RoleId"] == role_before["RoleId"], "the role was replaced"
    trusted = TrustSettings(accounts=frozenset(args.get("source_accounts", [ACCOUNT])))
    assert check_trust_policy(role["AssumeRolePolicyDocument"], trusted) == ()
    assert stack.preview().changes == {}
    return args


def identity(args: dict[str, Any]) -> tuple[str | None, str | None]:
    """What the role is replaced for."""
    role = args.get("service_role", {})
    return role.get("name"), role.get("path")


def assert_others_statements_stand(story: Story) -> None:
    """Every statement of others is there as they wrote it; the real provider writes documents in an order of its own."""
    for thing, theirs in story.foreign.items():
        standing = story.account.policy(thing)["Statement"]
        assert [statement for statement in theirs if statement not in standing] == []
