"""Read a trust policy leniently: what is wrong with it is noted, and the rest is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from personalize_guardrails.trust.findings import Finding, Kind
from personalize_guardrails.trust.parse.conditions import ConditionTest, ReadingMode, read_test, unknown_condition
from personalize_guardrails.trust.parse.loading import Ambiguous, Refused

_VARIABLES_SINCE: Final = "2012-10-17"
_VERSIONS: Final = (_VARIABLES_SINCE, "2008-10-17")
KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_DOCUMENT_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_ELEMENTS: Final = frozenset({"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"})
_UNKNOWN_ELEMENT: Final = f"has an element other than {', '.join(sorted(_ELEMENTS))}"


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """A statement of a trust policy, as far as it can be read."""

    index: int
    path: str
    allow: bool
    elements: Mapping[str, object]
    tests: tuple[ConditionTest, ...]

    @property
    def has_variables(self) -> bool:
        """Whether a value of its conditions has a policy variable."""
        return any(test.has_variables for test in self.tests)

    def tests_on(self, *keys: str) -> list[ConditionTest]:
        """Return the tests of some keys, which are in lower case."""
        return [test for test in self.tests if test.key in keys]

    @property
    def condition_blocks(self) -> dict[str, Mapping[str, object]]:
        """The keys and values of each operator as they are written, as far as they can be read."""
        condition = self.elements.get("Condition")
        written = condition if isinstance(condition, dict) else {}
        return {operator: block for operator, block in written.items() if isinstance(block, dict)}


@dataclass(slots=True)
class Parsed:
    """What was read, and what is wrong with it."""

    statements: list[TrustStatement] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)

    def note(self, code: str, path: str, message: str) -> None:
        """Note one thing that is malformed."""
        self.faults.append(Finding(Kind.MALFORMED, code, path, f"{path or 'The trust policy'} {message}."))


def has_known_elements(body: dict[str, Any]) -> bool:
    """Return whether a document and its statements, all objects, have the elements of trust policies only."""
    listed = body["Statement"]
    statements = listed if isinstance(listed, list) else [listed]
    return (
        body.keys() <= _DOCUMENT_ELEMENTS
        and body.get("Version") in (*_VERSIONS, None)
        and all(statement.keys() <= _ELEMENTS for statement in statements)
    )


def read(body: dict[str, Any], owner: str | None = None) -> Parsed:
    """Return the statements of a document as `load` gives it, Refused where it has none; `owner` has the role."""
    parsed = Parsed()
    version = body.get("Version")
    if version is not None and version not in _VERSIONS:
        parsed.note("version", "Version", 'is not a policy version; write "2012-10-17"')
    for name in sorted(body.keys() - _DOCUMENT_ELEMENTS):
        parsed.note("unknown-element", "", f"has an unknown element of {len(name)} letters")
    mode = ReadingMode(variables=version == _VARIABLES_SINCE or isinstance(version, Ambiguous), owner=owner)
    statements = body.get("Statement")
    alternatives = statements.values if isinstance(statements, Ambiguous) else (statements,)
    for listed in alternatives:
        if not isinstance(listed, dict | list):
            raise Refused("no-statement", "the document has no Statement that is an object or a list of them")
        if listed == []:
            parsed.note("no-statement", "Statement", "is empty; a policy has at least one statement")
        for index, statement in enumerate(listed if isinstance(listed, list) else [listed]):
            path = f"Statement[{index}]" if isinstance(listed, list) else "Statement"
            _statement(statement, index, path, parsed, mode, doubt=len(alternatives) > 1)
    return parsed


def _statement(statement: object, index: int, path: str, parsed: Parsed, mode: ReadingMode, *, doubt: bool) -> None:
    """Read one statement, and note what is wrong with it."""
    if not isinstance(statement, dict):
        parsed.note("statement", path, "is not an object")
        return
    effect = statement.get("Effect")
    if isinstance(effect, Ambiguous) and "Allow" in effect.values:
        effect = "Allow"
    if effect not in ("Allow", "Deny"):
        parsed.note("effect", f"{path}.Effect", 'is not "Allow" or "Deny", with a capital letter')
        return
    for first, second in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
        if (first in statement) == (second in statement):
            how_many = "both" if first in statement else "neither"
            parsed.note(first.lower(), path, f"has {how_many} {first} and {second}")
    if not statement.keys() <= _ELEMENTS:
        parsed.note("unknown-element", path, _UNKNOWN_ELEMENT)
    _note_wrong_shapes(statement, path, parsed)
    allow = effect == "Allow"
    if not allow and (doubt or _is_ambiguous(statement)):
        return  # it is not certain to deny
    tests = _tests_of(statement.get("Condition"), path, parsed, mode if allow else replace(mode, allow=False))
    parsed.statements.append(TrustStatement(index, path, allow, statement, tests))


def _note_wrong_shapes(statement: Mapping[str, object], path: str, parsed: Parsed) -> None:
    """Note what IAM refuses in principals and actions; not an empty list, whose meaning is documented nowhere."""
    for element in ("Principal", "NotPrincipal"):
        principal = statement.get(element, "*")
        if not isinstance(principal, dict):
            if principal != "*" and not isinstance(principal, Ambiguous):
                parsed.note("principal", f"{path}.{element}", 'is not "*" or an object')
        elif not principal.keys() <= KINDS:
            parsed.note("principal", f"{path}.{element}", f"has a kind other than {', '.join(sorted(KINDS))}")
        elif not all(map(_is_listed, principal.values())):
            parsed.note("principal", f"{path}.{element}", "has a kind that lists no strings")
    for element in ("Action", "NotAction"):
        if not _is_listed(statement.get(element, "*")):
            parsed.note("action", f"{path}.{element}", "is not a string or a list of strings")


def _is_listed(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | Ambiguous)


def _tests_of(condition: object, path: str, parsed: Parsed, mode: ReadingMode) -> tuple[ConditionTest, ...]:
    """Return the tests that the conditions of a statement make."""
    if condition is None or isinstance(condition, Ambiguous):
        return ()
    if not isinstance(condition, dict):
        parsed.note("condition", f"{path}.Condition", "is not an object of operators")
        return () if mode.allow else (unknown_condition("", allow=False),)
    tests: list[ConditionTest] = []
    for operator, block in condition.items():
        if isinstance(block, dict):
            tests += [read_test(operator, key, values, mode) for key, values in _by_key(block, allow=mode.allow)]
        elif not isinstance(block, Ambiguous):
            parsed.note("condition", f"{path}.Condition", "has an operator without an object of keys")
            tests.append(unknown_condition("", allow=mode.allow))
    return tuple(tests)


def _by_key(block: Mapping[str, object], *, allow: bool) -> Iterable[tuple[str, object]]:
    """Return the keys of an operator in lower case, as they are compared, and their values."""
    tests = [(key.lower(), values) for key, values in block.items()]
    if len(tests) == 1 or not allow:
        return tests
    named: dict[str, list[object]] = {}
    for key, values in tests:
        # The same key twice, in other case: that both count is documented nowhere, so in an Allow either may.
        named.setdefault(key, []).extend(values if isinstance(values, list) else [values])
    return named.items()


def _is_ambiguous(value: object) -> bool:
    """Return whether a key appears twice with different values anywhere in a value."""
    if isinstance(value, dict | list):
        return any(map(_is_ambiguous, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Ambiguous)
