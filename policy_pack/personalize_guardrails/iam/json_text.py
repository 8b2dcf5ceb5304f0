"""Parses JSON text without losing anything, and walks through the values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from personalize_guardrails.iam.errors import MalformedPolicy

Pairs = list[tuple[str, object]]
T = TypeVar("T")


def object_hook(on_doubled_key: Callable[[Pairs], T]) -> Callable[[Pairs], dict[str, object] | T]:
    """Return an `object_pairs_hook` for the json module that calls `on_doubled_key` for an object with a key twice."""

    def build(pairs: Pairs) -> dict[str, object] | T:
        body = dict(pairs)
        return body if len(body) == len(pairs) else on_doubled_key(pairs)

    return build


def load_json(text: str) -> object:
    """Return the value in a JSON text; MalformedPolicy where it is not JSON, or an object has a key twice.

    Fractions are Decimal, so that all digits are kept.
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=object_hook(_refuse_doubled_key)
        )
    except MalformedPolicy:
        raise
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedPolicy("not-json", "", f"the text is not JSON ({where}: {error.msg})") from None
    except RecursionError:
        raise MalformedPolicy("not-json", "", "the text is nested too deeply for a policy") from None
    except ValueError:
        raise MalformedPolicy("not-json", "", "the text holds a number that is too long") from None


def _refuse_doubled_key(_pairs: Pairs) -> NoReturn:
    raise MalformedPolicy("duplicate-key", "", "an object names the same key twice, so one of them would be lost")


def _no_number(_constant: str) -> NoReturn:
    raise MalformedPolicy("not-json", "", "the text is not JSON (NaN and Infinity are no JSON numbers)")


def nested_values(value: object) -> Iterator[object]:
    """Yield a value and everything in it except the names of members; each object and list once.

    It does not recurse, since the value may be nested deeply; YAML aliases can repeat an object many times.
    """
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, str) and isinstance(one, Mapping | Sequence):
            if id(one) in seen:
                continue
            seen.add(id(one))
            waiting += one.values() if isinstance(one, Mapping) else one
        yield one


def nested_members(value: object) -> Iterator[tuple[str, Any]]:
    """Yield name and value of every member of the objects in a value."""
    for one in nested_values(value):
        if isinstance(one, Mapping):
            yield from ((str(name), member) for name, member in one.items())
