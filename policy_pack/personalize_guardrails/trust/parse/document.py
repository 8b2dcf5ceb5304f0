"""Reads a trust policy leniently: what is wrong with it is noted, and the rest is judged all the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NoReturn

from personalize_guardrails.iam.json_text import Pairs, object_hook
from personalize_guardrails.trust.parse.conditions import ConditionTest, read_test, unknown_condition

_MOST_CHARACTERS: Final = 262_144
"""Far beyond what IAM takes (4096): longer text is no trust policy, and is refused unread."""
_DEEPEST: Final = 32
_MOST_VALUES: Final = 100_000
"""A mapping may hold one list in many places: it is counted wherever it stands, as its text would be."""
_MOST_DOUBLES: Final = 8
_VARIABLES_SINCE: Final = "2012-10-17"
_VERSIONS: Final = (_VARIABLES_SINCE, "2008-10-17")
KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_DOCUMENT_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_ELEMENTS: Final = frozenset({"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"})
_UNKNOWN_ELEMENT: Final = f"has an element beside {', '.join(sorted(_ELEMENTS))}"


class Refused(Exception):  # noqa: N818 - it is no error of the reader's
    """The document is not one that can be judged; `code` and the message say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is malformed."""

    code: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The values of a JSON key that stands twice with different values: which of them counts is documented nowhere."""

    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """A statement of a trust policy, as far as it can be read."""

    index: int
    path: str
    allow: bool
    elements: Mapping[str, object]
    tests: tuple[ConditionTest, ...]


@dataclass(slots=True)
class Reading:
    """What was read, and what is wrong with it."""

    statements: list[TrustStatement] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(document: object) -> Reading:
    """The statements of a document: JSON text, or the same values from a program. Refused where there are none."""
    body = _load(document) if isinstance(document, str) else _plain(document, 0, _Left())
    if not isinstance(body, dict):
        raise Refused("not-an-object", "the document is not a JSON object")
    reading = Reading()
    version = body.get("Version")
    if version is not None and version not in _VERSIONS:
        reading.faults.append(Fault("version", "Version", 'is not a policy version; write "2012-10-17"'))
    for name in sorted(body.keys() - _DOCUMENT_ELEMENTS):
        reading.faults.append(Fault("unknown-element", "", f"a policy has no element like its {len(name)}-letter one"))
    variables = version == _VARIABLES_SINCE or isinstance(version, Ambiguous)
    statements = body.get("Statement")
    alternatives = statements.values if isinstance(statements, Ambiguous) else (statements,)
    for listed in alternatives:
        single = isinstance(listed, dict)
        if not single and not isinstance(listed, list):
            raise Refused("no-statement", "the document has no Statement that is an object or a list of them")
        if not single and not listed:
            reading.faults.append(Fault("no-statement", "Statement", "is empty; a policy has at least one statement"))
        items: list[object] = listed if isinstance(listed, list) else [listed]
        for index, statement in enumerate(items):
            path = "Statement" if single else f"Statement[{index}]"
            _statement(statement, index, path, reading, variables=variables, doubt=len(alternatives) > 1)
    return reading


def _statement(statement: object, index: int, path: str, reading: Reading, *, variables: bool, doubt: bool) -> None:
    if not isinstance(statement, dict):
        reading.faults.append(Fault("statement", path, "is not an object"))
        return
    effect = statement.get("Effect")
    if isinstance(effect, Ambiguous) and "Allow" in effect.values:
        effect = "Allow"
    if effect not in ("Allow", "Deny"):
        reading.faults.append(Fault("effect", f"{path}.Effect", 'is neither "Allow" nor "Deny", exactly so written'))
        return
    for first, second in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
        if (first in statement) == (second in statement):
            reading.faults.append(
                Fault(first.lower(), path, f"has {'both' if first in statement else 'neither'} {first} and {second}")
            )
    if not statement.keys() <= _ELEMENTS:
        reading.faults.append(Fault("unknown-element", path, _UNKNOWN_ELEMENT))
    _shapes(statement, path, reading)
    allow = effect == "Allow"
    if not allow and (doubt or _ambiguous(statement)):
        return  # it is not certain to deny
    tests = _tests_of(statement.get("Condition"), path, reading, allow=allow, variables=variables)
    reading.statements.append(TrustStatement(index, path, allow, statement, tests))


def _shapes(statement: Mapping[str, object], path: str, reading: Reading) -> None:
    """Principals and actions as IAM takes them; an empty list is no fault: what it means is documented nowhere."""
    for element in ("Principal", "NotPrincipal"):
        if element not in statement or isinstance(statement[element], Ambiguous):
            continue
        principal = statement[element]
        if isinstance(principal, dict):
            if not principal.keys() <= KINDS:
                kinds = ", ".join(sorted(KINDS))
                reading.faults.append(Fault("principal", f"{path}.{element}", f"has a kind that is none of {kinds}"))
            elif not all(_is_listed(value) for value in principal.values()):
                reading.faults.append(Fault("principal", f"{path}.{element}", "has a kind that lists no strings"))
        elif principal != "*":
            reading.faults.append(Fault("principal", f"{path}.{element}", 'is neither "*" nor an object'))
    for element in ("Action", "NotAction"):
        if element in statement and not _is_listed(statement[element]):
            reading.faults.append(Fault("action", f"{path}.{element}", "is neither a string nor a list of strings"))


def _is_listed(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | Ambiguous)


def _tests_of(
    condition: object, path: str, reading: Reading, *, allow: bool, variables: bool
) -> tuple[ConditionTest, ...]:
    if condition is None or isinstance(condition, Ambiguous):
        return ()
    if not isinstance(condition, dict):
        reading.faults.append(Fault("condition", f"{path}.Condition", "is not an object of operators"))
        return () if allow else (unknown_condition("", allow=allow),)
    tests: list[ConditionTest] = []
    for operator, block in condition.items():
        if isinstance(block, Ambiguous):
            continue
        if not isinstance(block, dict):
            reading.faults.append(Fault("condition", f"{path}.Condition", "has an operator without an object of keys"))
            tests.append(unknown_condition("", allow=allow))
            continue
        for key, values in _tests(block, allow=allow):
            tests.append(read_test(operator, key, values, allow=allow, variables=variables))
    return tuple(tests)


def _tests(block: Mapping[str, object], *, allow: bool) -> Iterable[tuple[str, object]]:
    """The keys of an operator in lower case, as they are compared, and their values."""
    tests = [(key.lower(), values) for key, values in block.items()]
    if len(tests) == 1 or not allow:
        return tests
    named: dict[str, list[object]] = {}
    for key, values in tests:
        # The same key twice, in other case: that both count is documented nowhere, so in an Allow either may.
        named.setdefault(key, []).extend(values if isinstance(values, list) else [values])
    return named.items()


def _ambiguous(value: object) -> bool:
    if isinstance(value, dict):
        return any(_ambiguous(item) for item in value.values())
    if isinstance(value, list):
        return any(_ambiguous(item) for item in value)
    return isinstance(value, Ambiguous)


def _load(text: str) -> object:
    if len(text) > _MOST_CHARACTERS:
        raise Refused("too-long", f"the text has {len(text)} characters; IAM takes 4096 at most")
    if _too_deep(text):
        raise Refused("too-deep", "the text is nested more deeply than any policy")
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Refused("not-json", "the text is not JSON, or something follows it") from None


def _number(text: str) -> str:
    """A number as a policy means it: engines that know no integers hand an account over as 123456789012.0."""
    whole, point, fraction = text.partition(".")
    return whole if point and not fraction.strip("0") else text


def _too_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST


def _depth(text: str) -> int:
    """How deep brackets nest; those inside of strings count too, which is more than enough for any policy."""
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string, escaped = escaped or character != '"', character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _ambiguous_object(pairs: Pairs) -> dict[str, object]:
    """The object with every value of a doubled key, where they differ."""
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


@dataclass(slots=True)
class _Left:
    """How many values may still be read."""

    values: int = _MOST_VALUES


def _plain(value: Any, depth: int, left: _Left) -> object:  # noqa: ANN401 - anything that a program hands in
    """The value in plain dicts and lists, as JSON text would give it."""
    left.values -= 1
    if left.values < 0:
        raise Refused("too-long", f"the document holds more than {_MOST_VALUES} values; IAM takes 4096 characters")
    if depth > _DEEPEST:
        raise Refused("too-deep", "the document is nested more deeply than any policy")
    if isinstance(value, str | bool) or value is None:
        return value
    try:
        if isinstance(value, int | float | Decimal):
            return _number(str(value)) if Decimal(value).is_finite() else _no_number(str(value))
        if isinstance(value, Mapping):
            return {str(key): _plain(value[key], depth + 1, left) for key in value}
        if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
            return [_plain(item, depth + 1, left) for item in value]
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - a program's own mapping can raise anything, and the rule never raises
        raise Refused("unreadable", "the document cannot be read") from None
    raise Refused("not-json", f"the document holds a value that JSON does not have, at depth {depth}")
