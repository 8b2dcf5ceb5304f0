"""Each argument changed by itself: what stands is what the program says, and what was done is what the page tells."""

from __future__ import annotations

import pytest

from personalize_permissions._components.component_base import schema_of
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._validation.validators import ListOf, ObjectSchema
from sandbox.session import Sandbox
from tests.lifecycle.effects import COMMAND, LABELS, Row, effects_of_arguments, effects_on_identities, recorded

engine = pytest.mark.engine


def paths(schema: ObjectSchema, start: str = "") -> set[str]:
    """Every argument of a schema, those of its objects by their paths."""
    found: set[str] = set()
    for name, field in schema.fields.items():
        inner = field.validator.item if isinstance(field.validator, ListOf) else field.validator
        found |= paths(inner, f"{start}{name}.") if isinstance(inner, ObjectSchema) else {f"{start}{name}"}
    return found


def of_identities(row: Row) -> bool:
    return row["argument"].partition(".")[0] in LABELS


def test_the_page_has_every_argument() -> None:
    missing = paths(schema_of(PersonalizePermissions)) - {row["argument"] for row in recorded()}
    assert not missing, f"give another value in NEW_VALUES of tests/lifecycle/effects.py, then run {COMMAND}"


@engine
def test_each_argument_changed_by_itself(sandbox: Sandbox) -> None:
    assert list(effects_of_arguments(sandbox)) == [row for row in recorded() if not of_identities(row)], (
        f"run {COMMAND}"
    )


@engine
def test_each_field_of_an_identity_changed_by_itself(sandbox: Sandbox) -> None:
    assert list(effects_on_identities(sandbox)) == [row for row in recorded() if of_identities(row)], f"run {COMMAND}"
