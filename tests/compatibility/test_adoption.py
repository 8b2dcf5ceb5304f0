"""A stack that an earlier version made goes on under today's code: nothing of it is replaced or deleted."""

from __future__ import annotations

import pytest

from sandbox.session import Project, Sandbox
from tests.compatibility import recorded, snapshot
from tests.engine.programs import key_policy

pytestmark = pytest.mark.engine
VERSIONS = sorted(file.stem for file in recorded.STATES.glob("*.json"))
PREFIX = "urn:pulumi:test::shop::"


def adopting(version: str, sandbox: Sandbox, key: str, *, then: str) -> Project:
    """Return a stack that holds what `version` made for `key`, under today's program, which names the key `then`."""
    state = recorded.recorded(version, key)
    recorded.stand(state, sandbox.cloud)
    stack = recorded.stack(sandbox, then)
    stack.replace_state(state)
    return stack


@pytest.mark.parametrize("version", VERSIONS)
def test_the_state_of_an_earlier_version_is_adopted(version: str, sandbox: Sandbox) -> None:
    key = recorded.account(sandbox)
    stack = adopting(version, sandbox, key, then=key)
    before = stack.outputs()["role"]
    role_id = sandbox.cloud.iam().get_role(RoleName=before.rsplit("/", 1)[-1])["Role"]["RoleId"]

    done = stack.up()
    ours = {urn: operation for urn, operation in done.operations.items() if "pulumi:providers:" not in urn}
    assert set(ours.values()) <= {"update", "create", "read"}
    assert stack.outputs()["role"] == before
    assert sandbox.cloud.iam().get_role(RoleName=before.rsplit("/", 1)[-1])["Role"]["RoleId"] == role_id
    assert stack.preview().changes == {}
    assert stack.preview("--refresh").changes == {}

    # What is written down is what the engine has.
    held = {each["urn"].removeprefix(PREFIX) for each in stack.resources() if not each.get("external")}
    assert {urn for urn in held if not urn.startswith("pulumi:")} == snapshot.kept()["everything"].keys()


@pytest.mark.parametrize("version", VERSIONS)
def test_another_key_in_the_run_that_adopts_leaves_the_first_one_as_it_is(version: str, sandbox: Sandbox) -> None:
    first = recorded.account(sandbox)
    second = sandbox.cloud.kms().create_key()["KeyMetadata"]["Arn"]
    stack = adopting(version, sandbox, first, then=second)
    before = key_policy(sandbox, first)

    stack.up()
    assert key_policy(sandbox, first) == before
    assert key_policy(sandbox, second) == before
    assert stack.preview("--refresh").changes == {}
