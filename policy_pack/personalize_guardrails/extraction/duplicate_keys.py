"""Marks objects in whose text a key appears twice with different values: AWS does not document which one counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.iam.json_text import nested_values, object_hook

DUPLICATES: Final = "one of its keys appears twice, and which of them counts is not known"


class ObjectWithDuplicates(dict[Any, Any]):
    """An object in which keys appear twice with different values; it holds the last of the values."""

    def __init__(self, found: Mapping[Any, Any], doubled: Iterable[object]) -> None:
        super().__init__(found)
        self.doubled = frozenset(doubled)
        """The keys that appear twice."""


class DuplicateKeyDecoder(json.JSONDecoder):
    """A JSON decoder that marks objects with duplicate keys, and remembers that it met one."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=object_hook(self._mark))
        self.met = False
        """Whether there was an object with duplicate keys since this was last set to False."""

    def _mark(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return the object with these members, and remember whether it has duplicate keys."""
        found = mark_duplicates(pairs)
        self.met = self.met or isinstance(found, ObjectWithDuplicates)
        return found


def load_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value in a JSON text; ValueError or RecursionError where it is not JSON or nested too deeply."""
    return _DECODER.decode(text)


def parsed(value: object, otherwise: object = None) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value in a JSON text, or `otherwise` where it is not JSON; any value that is not text unchanged."""
    try:
        return load_json(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return otherwise


def has_duplicate_keys(value: object) -> bool:
    """Return whether a key appears twice anywhere in a value."""
    return any(isinstance(one, ObjectWithDuplicates) for one in nested_values(value))


def mark_duplicates(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return the object with these members, as an ObjectWithDuplicates if a key has different values."""
    listed = list(pairs)
    found = dict(listed)
    if len(found) == len(listed):
        return found
    doubled = [key for key, value in listed if found[key] != value or has_duplicate_keys(value)]
    return ObjectWithDuplicates(found, doubled) if doubled else found


def doubled_keys(value: object) -> frozenset[object]:
    """Return the keys of an object that appear twice in it."""
    return value.doubled if isinstance(value, ObjectWithDuplicates) else frozenset()


_DECODER: Final = json.JSONDecoder(object_pairs_hook=object_hook(mark_duplicates))
