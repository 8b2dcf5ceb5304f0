"""Under mocks the example registers what the real engine makes, and its resources answer alike."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from personalize_permissions.testing import run

if TYPE_CHECKING:
    from sandbox.session import Sandbox

APPLICATION = Path(__file__).parents[2] / "examples" / "application"
PROGRAM = (APPLICATION / "stack.py").read_text() + '\n\nmake(analysts=["alice", "bob"])\n'
ANSWERED = ("id", "arn", "name", "path", "bucket", "role", "user", "policyArn", "policy", "assumeRolePolicy")


def answers(outputs: Any) -> dict[str, str]:
    """What tests may rely on; names of Pulumi's making end in other digits every time."""
    random = re.compile(r"-[0-9a-f]{7}\b")
    found = {key: random.sub("-RANDOM", str(outputs[key])) for key in ANSWERED if outputs.get(key)}
    if "policyArn" in found:
        found.pop("id")  # an attachment's: digits of the provider's making
    for document in found.keys() & {"policy", "assumeRolePolicy"}:  # the provider writes them its own way
        found[document] = json.dumps(json.loads(found[document]), sort_keys=True, separators=(",", ":"))
    # Sids tell permission sets apart by project and stack.
    return {key: re.sub(r'("Sid":"[A-Za-z]+)[0-9a-f]{8}"', r'\1"', value) for key, value in found.items()}


@pytest.mark.engine
def test_the_application_answers_under_mocks_as_on_the_engine(sandbox: Sandbox) -> None:
    for name in ("alice", "bob"):
        sandbox.cloud.iam().create_user(UserName=name)
    project = sandbox.program(PROGRAM)
    project.up()
    assert project.preview().changes == {}
    made = {
        each["urn"].rsplit("::", 1)[-1]: answers({**each["outputs"], "id": each["id"]})
        for each in project.resources()
        if each["type"].startswith("aws:")
    }
    recorded = run(APPLICATION, config={"analysts": '["alice", "bob"]'})
    mocked = {
        each.name: answers({**each.outputs, "id": each.id})
        for each in recorded.resources
        if each.type.startswith("aws:")
    }
    assert len(mocked) > 10
    assert mocked.keys() == made.keys()
    for name, outputs in mocked.items():
        assert outputs.items() <= made[name].items(), name
