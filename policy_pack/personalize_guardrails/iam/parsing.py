"""Parses policy documents strictly: nothing is dropped, nothing is guessed.

Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final

from personalize_guardrails.iam.conditions import Condition, ConditionOperator
from personalize_guardrails.iam.errors import MalformedPolicy
from personalize_guardrails.iam.json_text import load_json
from personalize_guardrails.iam.principals import ANYONE, Principal, PrincipalKind
from personalize_guardrails.iam.statements import Effect, Statement

VERSIONS: Final = ("2012-10-17", "2008-10-17")
_DOCUMENT_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_NEGATED: Final = {"Principal": "NotPrincipal", "Action": "NotAction", "Resource": "NotResource"}
_STATEMENT_ELEMENTS: Final = frozenset({"Sid", "Effect", "Condition", *_NEGATED, *_NEGATED.values()})
_SCALARS: Final = (str, bool, int, float, Decimal)
_KINDS: Final = {kind.value: kind for kind in PrincipalKind if kind is not PrincipalKind.ANY}


def parse_policy(source: str | Mapping[str, object]) -> tuple[tuple[Statement, ...], str | None, str | None]:
    """Return statements, version and id of a document; MalformedPolicy says what is wrong and where."""
    document = _mapping(load_json(source) if isinstance(source, str) else source, "")
    _refuse_unknown(document, _DOCUMENT_ELEMENTS, "")
    version = None
    if "Version" in document:
        version = _string(document["Version"], "Version")
        if version not in VERSIONS:
            raise MalformedPolicy("unknown-version", "Version", f"the version is {VERSIONS[0]} or {VERSIONS[1]}")
    identifier = _string(document["Id"], "Id") if "Id" in document else None
    if "Statement" not in document:
        raise MalformedPolicy("missing-element", "", "a policy has a Statement")
    body = document["Statement"]
    if isinstance(body, Mapping):
        return (_statement(body, "Statement"),), version, identifier
    items = enumerate(_sequence(body, "Statement"))
    return tuple(_statement(item, f"Statement[{index}]") for index, item in items), version, identifier


def _statement(source: object, path: str) -> Statement:
    """Parse one statement; MalformedPolicy names the path of what is wrong."""
    body = _mapping(source, path)
    _refuse_unknown(body, _STATEMENT_ELEMENTS, path)
    for one, other in _NEGATED.items():
        if one in body and other in body:
            raise MalformedPolicy("contradicting-elements", path, f"a statement has {one} or {other}, not both")
    if "Action" not in body and "NotAction" not in body:
        raise MalformedPolicy("missing-element", path, "a statement has an Action or a NotAction")
    effect = _string(body.get("Effect"), f"{path}.Effect")
    if effect not in (Effect.ALLOW.value, Effect.DENY.value):
        raise MalformedPolicy("unknown-effect", f"{path}.Effect", "the effect is Allow or Deny, spelled exactly so")
    try:
        return Statement(
            effect=Effect(effect),
            sid=_string(body["Sid"], f"{path}.Sid") if "Sid" in body else None,
            principals=_principals(body, "Principal", path),
            not_principals=_principals(body, "NotPrincipal", path),
            actions=_strings(body, "Action", path),
            not_actions=_strings(body, "NotAction", path),
            resources=_strings(body, "Resource", path),
            not_resources=_strings(body, "NotResource", path),
            conditions=_conditions(body["Condition"], f"{path}.Condition") if "Condition" in body else (),
        )
    except MalformedPolicy:
        raise
    except ValueError as error:
        raise MalformedPolicy("invalid-statement", path, str(error)) from None


def _principals(body: Mapping[str, object], element: str, path: str) -> tuple[Principal, ...]:
    """Parse the principals of a Principal or NotPrincipal element."""
    if element not in body:
        return ()
    path = f"{path}.{element}"
    source = body[element]
    if isinstance(source, str):
        if source != ANYONE:
            raise MalformedPolicy("unknown-principal", path, "a principal is '*' or names its kind, as in {'AWS': ...}")
        return (Principal.any(),)
    by_kind = _mapping(source, path)
    _refuse_unknown(by_kind, _KINDS.keys(), path)
    found = tuple(Principal(_KINDS[kind], value) for kind in by_kind for value in _strings(by_kind, kind, path))
    if not found:
        raise MalformedPolicy("empty-element", path, "the principal is empty")
    return found


def _conditions(source: object, path: str) -> tuple[Condition, ...]:
    """Parse the conditions of a statement by operator and key."""
    found = []
    for index, (name, tests) in enumerate(_mapping(source, path).items()):
        try:
            operator = ConditionOperator.parse(name)
        except ValueError as error:
            raise MalformedPolicy("unknown-operator", f"{path}[{index}]", str(error)) from None
        block = f"{path}.{operator}"
        for position, (key, values) in enumerate(_mapping(tests, block).items()):
            place = f"{block}[{position}]"
            if not key:
                raise MalformedPolicy("empty-element", place, "a condition names its key")
            items = [values] if isinstance(values, _SCALARS) else _sequence(values, place)
            found.append(Condition(operator, key, tuple(_scalar(item, place) for item in items)))
    return tuple(found)


def _strings(body: Mapping[str, object], element: str, path: str) -> tuple[str, ...]:
    """Return the strings of an element; none where it is absent."""
    if element not in body:
        return ()
    source, path = body[element], f"{path}.{element}"
    values = (source,) if isinstance(source, str) else tuple(_sequence(source, path))
    if not values:
        raise MalformedPolicy("empty-element", path, "the list is empty")
    found = tuple(_string(value, path) for value in values)
    if "" in found:
        raise MalformedPolicy("empty-element", path, "a value is empty")
    return found


def _refuse_unknown(body: Mapping[str, object], known: AbstractSet[str], path: str) -> None:
    """Raise MalformedPolicy where an object has elements that are not known."""
    if unknown := sum(element not in known for element in body):
        raise MalformedPolicy("unknown-element", path, f"{unknown} element(s) are not part of the policy language")


def _mapping(value: object, path: str) -> Mapping[str, object]:
    """Return the value if it is an object with strings as keys, or raise MalformedPolicy."""
    if not isinstance(value, Mapping):
        raise MalformedPolicy("wrong-shape", path, "an object is expected here")
    for key in value:
        _string(key, path)
    return value


def _sequence(value: object, path: str) -> Sequence[object]:
    """Return the value if it is a list, or raise MalformedPolicy."""
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Sequence):
        raise MalformedPolicy("wrong-shape", path, "a string or a list is expected here")
    return value


def _string(value: object, path: str) -> str:
    """Return the value if it is a string that can be encoded, or raise MalformedPolicy."""
    if not isinstance(value, str):
        raise MalformedPolicy("wrong-shape", path, "a string is expected here")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise MalformedPolicy("not-text", path, "a string holds half a surrogate pair, which is no text")
    return value


def _scalar(value: object, path: str) -> str:
    """Return the value of a condition as a string, as IAM compares it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float | Decimal) else _string(value, path)
