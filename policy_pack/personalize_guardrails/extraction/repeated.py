"""Objects in whose text a key stands twice with different values: which of them counts is documented nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class Repeated(dict[Any, Any]):
    """Such an object, with the last of the values."""


def load_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The values in a JSON text; ValueError or RecursionError where it is none."""
    return json.loads(text, object_pairs_hook=_object)


def has_repeated(value: object) -> bool:
    """Whether a key stands twice anywhere in a value."""
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Repeated):
            return True
        if id(one) not in seen and isinstance(one, Mapping | list):
            seen.add(id(one))  # in YAML an alias can stand in what it names
            waiting += one.values() if isinstance(one, Mapping) else one
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs) and any(found[key] != value for key, value in pairs):
        return Repeated(found)
    return found
