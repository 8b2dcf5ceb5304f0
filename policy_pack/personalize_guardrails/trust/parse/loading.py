"""Turns a document, text or values, into plain dicts and lists, and bounds how much of it is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, count
from typing import Any, Final, NoReturn

from personalize_guardrails.iam.json_text import Pairs, object_hook

_MOST_CHARACTERS: Final = 262_144
"""Far beyond what IAM takes (4096): longer text is no trust policy, and is refused unread."""
_DEEPEST: Final = 32
_MOST_VALUES: Final = 100_000
"""A mapping may hold one list in many places: it is counted in each of them, as its text would be."""
_MOST_DOUBLES: Final = 8
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[\]{}])', re.DOTALL)
"""Brackets outside of strings, and strings, which it gives as the empty text."""


class Refused(Exception):  # noqa: N818 - it is no error of the reader's
    """The document is not one that can be checked; `code` and the message say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The values of a JSON key that appears twice with different values: which of them counts is not documented."""

    values: tuple[object, ...]


def load(document: object) -> dict[str, Any]:
    """Return the object in a JSON text, or the same values from a program; Refused for anything else."""
    body = _decode(document) if isinstance(document, str) else _materialize(document, 0, count(1))
    if not isinstance(body, dict):
        raise Refused("not-an-object", "the document is not a JSON object")
    return body


def _decode(text: str) -> object:
    """Parse a JSON text; Refused for any other text, or one that is too long or too deep."""
    if len(text) > _MOST_CHARACTERS:
        raise Refused("too-long", f"the text has {len(text)} characters; IAM takes 4096 at most")
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        raise Refused("too-deep", "the text is nested more deeply than any policy")
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Refused("not-json", "the text is not JSON, or something follows it") from None


def _number(text: str) -> str:
    """Return a number as a policy means it: engines that know no integers hand an account over as 123456789012.0."""
    whole, point, fraction = text.partition(".")
    return whole if point and not fraction.strip("0") else text


def _depth(text: str) -> int:
    """Return how deep brackets nest outside of strings."""
    steps = {"[": 1, "{": 1, "]": -1, "}": -1}
    return max(accumulate((steps[bracket] for bracket in _BRACKETS.findall(text) if bracket), initial=0))


def _ambiguous_object(pairs: Pairs) -> dict[str, object]:
    """Return the object with every value of a doubled key, where they differ."""
    values: dict[str, list[object]] = {}
    for key, value in pairs:
        if value not in values.setdefault(key, []):
            values[key].append(value)
            if len(values[key]) > _MOST_DOUBLES:
                raise Refused(
                    "duplicate-keys", f"an object of the document names a key more than {_MOST_DOUBLES} times"
                )
    return {key: found[0] if len(found) == 1 else Ambiguous(tuple(found)) for key, found in values.items()}


def _no_number(_constant: str) -> NoReturn:
    raise Refused("not-json", "the document is not JSON, whose numbers are finite")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=object_hook(_ambiguous_object), parse_int=str, parse_float=_number, parse_constant=_no_number
)


def _materialize(value: Any, depth: int, number: Iterator[int]) -> object:  # noqa: ANN401 - anything that a program hands in
    """Return the value in plain dicts and lists, as JSON text would give it; `number` counts the values."""
    if next(number) > _MOST_VALUES:
        raise Refused("too-long", f"the document holds more than {_MOST_VALUES} values; IAM takes 4096 characters")
    if depth > _DEEPEST:
        raise Refused("too-deep", "the document is nested more deeply than any policy")
    if isinstance(value, str | bool) or value is None:
        return value
    try:
        if isinstance(value, int | float | Decimal):
            return _number(str(value)) if Decimal(value).is_finite() else _no_number(str(value))
        if isinstance(value, Mapping):
            return {str(key): _materialize(value[key], depth + 1, number) for key in value}
        if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
            return [_materialize(item, depth + 1, number) for item in value]
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - a program's own mapping can raise anything, and the rule never raises
        raise Refused("unreadable", "the document cannot be read") from None
    raise Refused("not-json", f"the document holds a value that JSON does not have, at depth {depth}")
