"""A stack that an earlier version made goes on under today's code: nothing of it is replaced or deleted."""

from __future__ import annotations

import pytest

from sandbox.session import Sandbox
from tests.time import recorded, snapshot

pytestmark = pytest.mark.engine
VERSIONS = sorted(file.stem for file in recorded.STATES.glob("*.json"))
PREFIX = "urn:pulumi:test::shop::"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_state_of_an_earlier_version_is_adopted(version: str, sandbox: Sandbox) -> None:
    key = recorded.account(sandbox)
    state = recorded.recorded(version, key)
    recorded.stand(state, sandbox.cloud)
    stack = recorded.stack(sandbox, key)
    stack.replace_state(state)
    before = stack.outputs()["role"]
    role_id = sandbox.cloud.iam().get_role(RoleName=before.rsplit("/", 1)[-1])["Role"]["RoleId"]

    done = stack.up()
    ours = {urn: operation for urn, operation in done.operations.items() if "pulumi:providers:" not in urn}
    assert set(ours.values()) <= {"update", "create", "read"}
    assert stack.outputs()["role"] == before
    assert sandbox.cloud.iam().get_role(RoleName=before.rsplit("/", 1)[-1])["Role"]["RoleId"] == role_id
    assert stack.preview("--refresh").changes == {}

    # What is written down is what the engine has.
    held = {each["urn"].removeprefix(PREFIX) for each in stack.resources() if not each.get("external")}
    assert {urn for urn in held if not urn.startswith("pulumi:")} == snapshot.kept()["everything"].keys()
