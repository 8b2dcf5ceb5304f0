"""Keys change under their labels: what the first key's policy says stays, and the second one is granted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.session import Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, PROGRAM, key_policy, people_and_things

pytestmark = pytest.mark.engine
OWNERS = json.loads(KEY_ADMINISTRATION)
OWNERS["Statement"].append(
    {
        "Sid": "Backup",
        "Effect": "Allow",
        "Principal": {"AWS": OWNERS["Statement"][0]["Principal"]["AWS"]},
        "Action": "kms:DescribeKey",
        "Resource": "*",
    }
)


def entry(key: str, label: str, policy: str = KEY_ADMINISTRATION) -> dict[str, Any]:
    return {"label": label, "key_arn": key, "existing_policy": policy}


def test_a_preview_after_a_key_was_attached_is_empty(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    stack = sandbox.program(PROGRAM, {"args": {"keys": [entry(key, "data")]}})
    stack.up()
    assert stack.preview().changes == {}
    assert stack.preview("--refresh").changes == {}


def test_another_key_under_a_label_leaves_the_first_one_as_it_is(sandbox: Sandbox) -> None:
    first = people_and_things(sandbox)
    second = sandbox.cloud.kms().create_key()["KeyMetadata"]["Arn"]
    stack = sandbox.program(PROGRAM, {"args": {"users": ["alice"], "keys": [entry(first, "data", json.dumps(OWNERS))]}})
    stack.up()
    before = key_policy(sandbox, first)

    stack.configure({"args": {"users": ["alice"], "keys": [entry(second, "data")]}})
    stack.up()
    assert key_policy(sandbox, first) == before
    administration, service, role = key_policy(sandbox, second)["Statement"]
    assert administration["Sid"] == "Administration"
    assert service["Principal"] == {"Service": "personalize.amazonaws.com"}
    assert role["Principal"] == {"AWS": stack.outputs()["role"]}
    assert stack.preview().changes == {}
    assert stack.preview("--refresh").changes == {}


def test_two_keys_exchange_their_labels(sandbox: Sandbox) -> None:
    first = people_and_things(sandbox)
    second = sandbox.cloud.kms().create_key()["KeyMetadata"]["Arn"]
    stack = sandbox.program(PROGRAM, {"args": {"keys": [entry(first, "a", json.dumps(OWNERS)), entry(second, "b")]}})
    stack.up()
    stack.configure({"args": {"keys": [entry(first, "b", json.dumps(OWNERS)), entry(second, "a")]}})
    stack.up()
    by_key = {key: key_policy(sandbox, key)["Statement"] for key in (first, second)}
    assert [len(statements) for statements in by_key.values()] == [4, 3]
    assert stack.preview("--refresh").changes == {}
