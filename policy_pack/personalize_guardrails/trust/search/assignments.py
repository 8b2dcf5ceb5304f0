"""The context keys besides the source keys: values that a request can carry, and with which it escapes denials.

A denial is escaped by a value of one of the keys that it tests. Most test one, so that for each key a single value is
looked for; where they test several, each of the keys is tried.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust.automata.domains import Choice
from personalize_guardrails.trust.automata.representatives import class_representatives
from personalize_guardrails.trust.parse.conditions import SOURCE_KEYS, ConditionTest, unknown_condition
from personalize_guardrails.trust.search.budget import Budget, TooComplex
from personalize_guardrails.trust.services import Caller, domain_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement

_MOST_ON_SEVERAL: Final = 100
_NONE_FITS: Final = object()
Values = tuple[tuple[str, str], ...]
"""The values of some keys."""
Tests = tuple["ConditionTest", ...]
Refused = tuple[Tests, ...]
"""Tests of one key of which, in each group, one must fail."""


class OtherKeys:
    """The keys besides the source keys: which values meet an Allow's conditions, and escape some of the denials."""

    def __init__(
        self, allow: TrustStatement, denials: Sequence[TrustStatement], caller: Caller, budget: Budget
    ) -> None:
        self._caller, self._budget = caller, budget
        self._required = _by_key(allow)
        self._denying = [self._undecided(denial) for denial in denials]
        self._escaped: dict[int, Values | None] = {}
        self._values: dict[tuple[str, Refused], object] = {}

    def escape(self, denials: int) -> Values | None:
        """Return values with which a request meets the Allow's conditions, and none of some denials applies to it.

        None where there are none. A key that a request had better lack is not among them.
        """
        if denials not in self._escaped:
            asked = (each for index, each in enumerate(self._denying) if denials >> index & 1)
            self._escaped[denials] = self._find([each for each in asked if each is not None])
        return self._escaped[denials]

    def _undecided(self, denial: TrustStatement) -> dict[str, Tests] | None:
        """Return a denial's tests of keys that differ between requests; None where the others keep it from applying."""
        found = {}
        for key, tests in _by_key(denial).items():
            sent = self._caller.sent.get(key)
            if sent is None and not self._caller.profile.never_sends(key):
                found[key] = tests
            elif not all(test.holds(sent) for test in tests):
                return None
        return found

    def _find(self, denials: Sequence[dict[str, Tests]]) -> Values | None:
        """Find what `escape` returns for the tests of some denials by key."""
        if not all(denials):
            return None
        on_several = [denial for denial in denials if len(denial) > 1]
        refused = _refused_by_key([denial for denial in denials if len(denial) == 1], dict.fromkeys(self._required, ()))
        if len(on_several) > _MOST_ON_SEVERAL:
            raise TooComplex
        if not self._fit(refused):
            return None
        at_once = _refused_by_key(on_several, refused)
        # Mostly the first key will do for all, which is found in one step.
        values = self._extend(at_once, ()) if self._fit(at_once) else None
        return self._extend(refused, on_several) if values is None else values

    def _fit(self, refused: dict[str, Refused]) -> bool:
        """Return whether every key has a value to which no refused tests apply."""
        return all(self._value(key, tests) is not _NONE_FITS for key, tests in refused.items())

    def _extend(self, refused: dict[str, Refused], denials: Sequence[dict[str, Tests]]) -> Values | None:
        """Return values to which no refused tests apply, and none of some denials that each test several keys."""
        if not denials:
            values = ((key, self._value(key, tests)) for key, tests in refused.items())
            return tuple((key, value) for key, value in values if isinstance(value, str))
        for key, tests in denials[0].items():
            more = {**refused, key: (*refused.get(key, ()), tests)}
            if self._value(key, more[key]) is not _NONE_FITS and (found := self._extend(more, denials[1:])) is not None:
                return found
        return None

    def _value(self, key: str, refused: Refused) -> object:
        """Return a value that the Allow admits and no refused tests apply to, None for absence, or _NONE_FITS."""
        if (key, refused) not in self._values:
            self._values[key, refused] = self._look_for_value(key, refused)
        return self._values[key, refused]

    def _look_for_value(self, key: str, refused: Refused) -> object:
        """Find what `_value` returns."""
        must = self._required.get(key, ())
        sent = self._caller.sent.get(key)
        may_lack = all(test.when_absent for test in must)
        if sent is None and may_lack and not any(all(test.when_absent for test in tests) for tests in refused):
            return None
        if sent is None and self._caller.profile.never_sends(key):
            return _NONE_FITS
        domain = domain_of(key) if sent is None else Choice(sent)
        refusals = [(tests, ()) for tests in refused]
        return next(class_representatives(domain, must, (), self._budget, refused=refusals), _NONE_FITS)


def _refused_by_key(denials: Iterable[dict[str, Tests]], refused: Mapping[str, Refused]) -> dict[str, Refused]:
    """Return refused tests with those of the first key of each denial."""
    found = dict(refused)
    for denial in denials:
        key, tests = next(iter(denial.items()))
        found[key] = (*found.get(key, ()), tests)
    return found


def _by_key(statement: TrustStatement) -> dict[str, Tests]:
    """Return the tests of a statement by key, without those of the source keys."""
    found: dict[str, Tests] = {}
    for test in statement.tests:
        if test.key not in SOURCE_KEYS:
            found[test.key] = (*found.get(test.key, ()), test)
    return found


def relaxed(statements: Sequence[TrustStatement], caller: Caller) -> list[TrustStatement] | None:
    """Return the statements as if nothing were known of the keys for which not all values are looked for, if there are.

    They are those with several tests of which one compares, or asks for several values.
    """
    on_key: dict[str, list[ConditionTest]] = {}
    for test in chain(*(each.tests for each in statements)):
        on_key.setdefault(test.key, []).append(test)
    keys = {
        key
        for key, tests in on_key.items()
        if len(tests) > 1
        and any(test.multivalued or test.comparison is not None for test in tests)
        and key not in SOURCE_KEYS
        and key not in caller.sent
        and not caller.profile.never_sends(key)
    }
    if not keys:
        return None

    def relax(test: ConditionTest, *, allow: bool) -> ConditionTest:
        return unknown_condition(test.key, allow=allow) if test.key in keys else test

    return [replace(each, tests=tuple(relax(test, allow=each.allow) for test in each.tests)) for each in statements]
