"""Differences between what stands and what is wanted, as the engine shows them, and when two values are the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, False, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the property's path, `add`, `delete` or `update`, and whether it forces a replacement."""

    path: str
    kind: str
    replace: bool

    @property
    def property(self) -> str:
        """The input that differs."""
        return self.path.split("[", 1)[0]


def changes_of(name: str, old: object, new: object, *, replace: bool) -> list[Change]:
    """The changes of one property that differs; of tags, each that differs."""
    if name == "tags" and isinstance(old, dict) and isinstance(new, dict):
        changes = []
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in new:
                changes.append(Change(f'{name}["{key}"]', "delete", replace))
            elif key not in old:
                changes.append(Change(f'{name}["{key}"]', "add", replace))
            elif old[key] != new[key]:
                changes.append(Change(f'{name}["{key}"]', "update", replace))
        return changes
    return [Change(name, "add" if is_empty(old) else "update", replace)]


def stated(value: object) -> object:
    """A nested object without what is only empty or off: AWS returns what a program leaves out."""
    if isinstance(value, dict):
        return {
            name: kept for name, item in value.items() if not is_empty(kept := stated(item)) and name != "__defaults"
        }
    if isinstance(value, list):
        return [stated(item) for item in value]
    return as_text(value) if not isinstance(value, bool) else value


def is_empty(value: object) -> bool:
    """Whether a value is what AWS has where nothing was said."""
    return any(value == empty and type(value) is type(empty) for empty in _EMPTY)


def sort_key(value: object) -> str:
    """An order for lists whose order does not matter."""
    return json.dumps(value, sort_keys=True, default=str)


def as_text(value: object) -> object:
    """Terraform compares scalars as text: 3600 and "3600", true and "true" are the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return str(value)
    if isinstance(value, dict):
        return {name: as_text(item) for name, item in value.items() if item is not None and name != "__defaults"}
    if isinstance(value, Sequence):
        return [as_text(item) for item in value]
    return value
