"""Each argument changed by itself: what stands in the account is what the program says, and the next preview is empty."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from personalize_permissions._components.component_base import schema_of
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._validation.validators import ListOf, ObjectSchema
from sandbox.session import Sandbox
from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import BOUNDARY, Account
from tests.lifecycle.story import Story
from tests.lifecycle.test_life import PROGRAM, one_run

pytestmark = pytest.mark.engine

ARNS: Final = [f"arn:aws:personalize:us-east-1:{account}:*" for account in (ACCOUNT, "210987654321")]
ROLE: Final = {"path": "/service/", "description": "Recommends"}
SETTINGS: Final[dict[str, Any]] = {"users": ["alice"], "service_role": ROLE}
BUCKET: Final = {"bucket": "shop-training", "uses": ["import"]}
CHANGES: Final[list[tuple[str, Any]]] = [
    ("users", ["alice", "bob"]),
    ("groups", ["group-alice"]),
    ("roles", ["role-alice"]),
    ("cloudwatch", "full-access"),
    ("policy", "least-privilege"),
    ("policy", "managed"),
    ("policy", "custom"),
    ("policy_path", "/shop/"),
    ("policy_name", "people-of-personalize"),
    ("service_role.description", "Recommends (ours)"),
    ("service_role.max_session_duration", 7200),
    ("service_role.permissions_boundary", f"arn:aws:iam::{ACCOUNT}:policy/{BOUNDARY}"),
    ("service_role.path", "/other/"),
    ("service_role.name", "recommender"),
    ("source_accounts", [ACCOUNT, "210987654321"]),
    ("source_arns", ARNS[:1]),
    ("confine_to_source", True),
    ("tags", {"team": "shop"}),
    ("buckets.uses", ["batch", "metrics"]),
    ("buckets.prefix", "in/"),
    ("buckets.bucket", "shop-results"),
    ("buckets.bucket_policy", "statements"),
    ("keys.dataset_export", True),
    ("keys.key_policy", "statements"),
]
ELSEWHERE: Final = {
    "buckets.adopt_policy_from",
    "buckets.existing_policy",
    "buckets.label",
    "keys.adopt_policy_from",
    "keys.existing_policy",
    "keys.key_arn",
    "keys.label",
    "managed_policies_quota",
}
"""Arguments whose changes have tests of their own: test_handing_over.py, test_keys.py and test_renaming.py (a preview refuses another
label of a bucket) in tests/engine, others' statements in a random life, and tests/component/test_whole_program.py (a quota)."""


IDENTITIES: Final = {"applications", "readers", "data_scientists"}
"""Lists whose entries change in tests/engine/test_identities.py."""


def paths(schema: ObjectSchema, start: str = "") -> set[str]:
    """Every argument of a schema, those of its objects by their paths."""
    found: set[str] = set()
    for name, field in schema.fields.items():
        inner = field.validator.item if isinstance(field.validator, ListOf) else field.validator
        found |= paths(inner, f"{start}{name}.") if isinstance(inner, ObjectSchema) else {f"{start}{name}"}
    return found


def test_every_argument_is_changed() -> None:
    every = {path for path in paths(schema_of(PersonalizePermissions)) if path.split(".")[0] not in IDENTITIES}
    assert {path for path, _ in CHANGES} | ELSEWHERE == every


def test_each_argument_changed_by_itself(sandbox: Sandbox) -> None:
    story, stack = Story(Account.opened(sandbox)), sandbox.program(PROGRAM)
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    sandbox.cloud.iam().create_policy(PolicyName=BOUNDARY, PolicyDocument=json.dumps(everything))
    key = story.account.key
    story.settings.update({**SETTINGS, "service_role": dict(ROLE)})
    story.put("shop-training", dict(BUCKET), told_whole=False)
    story.put(key, {"key_arn": key, "label": "data"}, told_whole=False)
    args = one_run(story, stack, {})
    for path, value in CHANGES:
        change(story, path, value)
        args = one_run(story, stack, args)
        assert stack.preview("--refresh").changes == {}, path


def change(story: Story, path: str, value: Any) -> None:
    """Give one argument another value."""
    outer, _, inner = path.partition(".")
    if not inner:
        story.settings[outer] = value
    elif outer == "service_role":
        story.settings[outer] = {**story.settings[outer], inner: value}
    else:
        [thing] = [thing for thing in story.entries if (thing == story.account.key) is (outer == "keys")]
        entry = {**story.entries[thing], inner: value}
        story.drop(thing)
        story.put(entry.get("bucket", story.account.key), entry, told_whole=False)
