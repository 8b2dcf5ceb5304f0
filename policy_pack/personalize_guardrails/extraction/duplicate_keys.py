"""Objects in whose text a key appears twice with different values: which of them counts is not documented."""

from __future__ import annotations

import json
from typing import Any, Final

from personalize_guardrails.iam.json_text import object_hook

DUPLICATES: Final = "one of its keys appears twice, and which of them counts is not known"


class ObjectWithDuplicates(dict[Any, Any]):
    """Such an object, with the last of the values."""


def load_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value in a JSON text; ValueError or RecursionError where there is none."""
    return JSON_DECODER.decode(text)


def has_duplicate_keys(value: object) -> bool:
    """Return whether a key appears twice anywhere in a value."""
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, ObjectWithDuplicates):
            return True
        if isinstance(one, dict | list) and id(one) not in seen:
            seen.add(id(one))  # a YAML alias can be inside what it names
            waiting += one.values() if isinstance(one, dict) else one
    return False


def _mark(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if all(found[key] == value for key, value in pairs) else ObjectWithDuplicates(found)


JSON_DECODER: Final = json.JSONDecoder(object_pairs_hook=object_hook(_mark))
