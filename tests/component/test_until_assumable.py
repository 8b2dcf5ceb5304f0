"""When the hooks of `until_assumable` try again, under mocks; on the engine: tests/languages/test_examples.py."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from personalize_permissions import PersonalizePermissions, PersonalizeServiceRole, assumable, until_assumable
from personalize_permissions.testing import run

OURS, ANOTHER = "arn:aws:iam::123456789012:role/recommender", "arn:aws:iam::123456789012:role/another"
REFUSED = "InvalidInputException: the role cannot be assumed"


def hooks(*, seconds: float = 10) -> list[pulumi.ErrorHook]:
    found: list[pulumi.ErrorHook] = []

    def program() -> None:
        permissions = PersonalizePermissions("recs", {"service_role": {"name": "recommender"}})
        for _ in range(2):
            found.extend(until_assumable(permissions, seconds=seconds).on_error or [])

    run(program)
    return found


@pytest.mark.parametrize(
    ("errors", "again"),
    [
        ([REFUSED], True),
        (["Unable to assume role"], True),
        ([f"could not assume {OURS}"], True),
        ([f"could not assume {ANOTHER}"], False),
        ([REFUSED, REFUSED], True),
        ([REFUSED, REFUSED, REFUSED], False),
        (["already exists", REFUSED], False),
        (["no such key"], False),
    ],
    ids=["once", "other words", "its ARN", "another role", "twice", "too often", "then another error", "another error"],
)
def test_only_a_role_that_cannot_be_assumed_is_waited_for(
    errors: list[str], *, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    first, second = hooks()
    assert first is second
    monkeypatch.setattr(assumable.asyncio, "sleep", pause)
    args = pulumi.ErrorHookArgs(urn="", id="", name="shop", type="", failed_operation="create", errors=errors)
    assert asyncio.run(_decision(first, args)) is again
    assert paused == ([5] if again else [])


async def _decision(hook: pulumi.ErrorHook, args: pulumi.ErrorHookArgs) -> Any:
    return await hook(args)  # type: ignore[misc] # it is a coroutine


def test_any_role_has_hooks_of_its_own() -> None:
    names: list[str] = []

    def program() -> None:
        made = [PersonalizeServiceRole("a"), aws.iam.Role("b", assume_role_policy="{}")]
        for role in made:
            names.extend(hook.name for hook in until_assumable(role).on_error or [])
        names.extend(hook.name for hook in until_assumable(made[0], seconds=120).on_error or [])

    run(program)
    assert names == [f"personalize-permissions:until-assumable-{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize("seconds", [0, -5, 4, 490.5, 495, 1000])
def test_a_time_that_cannot_be_waited_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="is not from 5 to 490"):
        hooks(seconds=seconds)


def test_what_is_no_role_is_refused() -> None:
    with pytest.raises(TypeError, match="a Group has no ARN of a role; pass the component or the role itself"):
        run(lambda: until_assumable(Group("x")) and None)


class Group(pulumi.ComponentResource):
    """A resource without an ARN."""

    def __init__(self, name: str) -> None:
        super().__init__("tests:index:Group", name)
