"""What must come of tests on a value and on the account that it names, followed through all their patterns at once.

An obligation is a list of tests of which one must turn out as it is wanted: a condition of an Allow is alone in one,
and the conditions of a Deny, of which one must fail, are together in one. As soon as it is certain that an obligation
is met its patterns are dropped, because how a value meets it does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, Final, NamedTuple

from personalize_guardrails.iam.globs import Glob, compile_glob, run_together
from personalize_guardrails.trust.automata.bounds import Coverage, missing_letters
from personalize_guardrails.trust.automata.domains import ACCOUNT, VALUE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from personalize_guardrails.trust.parse.conditions import ConditionTest

ANY: Final = -1
_CERTAIN: Final = -1
"""The distance of an obligation that is met whatever follows."""


class States(NamedTuple):
    """The states of the patterns on the value, and on the account that it names; the obligations met for certain."""

    value: int
    account: int
    met: int = 0


class Wanted(NamedTuple):
    """A test of the value or of its account, and how it is to turn out."""

    test: ConditionTest
    outcome: bool
    place: int = VALUE


@dataclass(frozen=True, slots=True)
class _Watched:
    """The patterns of one test as masks of states."""

    place: int
    matches: bool
    """Whether one of the patterns is to match, or none."""
    span: int
    accept: int
    settled: int
    """The states in which a pattern matches whatever follows."""
    one: int
    """Those of one pattern, which represent all."""

    def outlook(self, states: int, settled: int, *, closed: bool) -> tuple[bool, bool]:
        """Return whether the test turns out as it is wanted, whatever follows, and whether it still can."""
        is_match = bool(states & (self.accept if closed else self.span & settled))
        may_match = bool(states & (self.accept if closed else self.span))
        return (is_match, may_match) if self.matches else (not may_match, not is_match)


@dataclass(frozen=True, slots=True)
class _Obligation:
    """Tests of which one must turn out as it is wanted."""

    bit: int
    tests: Sequence[_Watched]
    value_span: int
    account_span: int
    distances: dict[tuple[int, int, int], int | None] = field(default_factory=dict)
    """How far states are from meeting it, as far as that was asked."""


class Obligations:
    """The obligations that a value must meet, and the tests whose outcomes distinguish values besides."""

    def __init__(
        self, met: Sequence[Sequence[Wanted]], distinguished: Sequence[Wanted] = (), apart: Collection[str] = ()
    ) -> None:
        every = [*(one for each in met for one in each), *distinguished]
        watched = self._run_together(every, [compile_glob([text]) for text in sorted(apart)])
        rest = iter(watched)
        self._obligations = []
        for index, each in enumerate(met):
            own = [next(rest) for _ in each]
            on_value, on_account = (sum(one.span for one in own if one.place == place) for place in (VALUE, ACCOUNT))
            self._obligations.append(_Obligation(1 << index, own, on_value, on_account))
        self._distinguished = list(rest)
        self.most_outcomes = 1 << min(len(self._distinguished), 64)
        self._width = self.value.accept.bit_length()
        self._within = (self.value.by_missing_letters(), self.account.by_missing_letters())
        self._must_match = self._joint(one for each in self._obligations for one in each.tests if one.matches)
        self._must_not = self._joint(one for each in self._obligations for one in each.tests if not one.matches)
        self._asked = met
        self._settled_before = cache(self.value.settled_before)
        self._spans_of = cache(self._spans_of_met)
        self._apart = self._joint(self._distinguished) | self.closed << self._width

    def _run_together(self, every: Sequence[Wanted], apart: Sequence[Glob]) -> list[_Watched]:
        """Make one automaton of all patterns for the values and one for the accounts; return each test's part."""
        globs: tuple[list[Glob], list[Glob]] = ([], [])
        parts = [(one.place, one.outcome is not one.test.negated, one.test.automata) for one in every]
        parts += [(ACCOUNT, True, (glob,)) for glob in apart]
        for place, _, automata in parts:
            globs[place].extend(automata)
        self.value, spans = run_together(globs[VALUE])
        self.account, account_spans = run_together(globs[ACCOUNT])
        self.closed = 1 << self.account.accept.bit_length()
        rest = (iter(spans), iter(account_spans))
        watched = []
        for place, matches, automata in parts:
            own = [(glob, next(rest[place])) for glob in automata]
            span = sum(one for _, one in own)
            settled = [glob.settled * (one & -one) for glob, one in own if glob.settled]
            accept = span & (self.value, self.account)[place].accept
            watched.append(_Watched(place, matches, span, accept, sum(settled), settled[0] if settled else 0))
        return watched

    @cached_property
    def _coverage(self) -> list[Coverage]:
        """What digits of the value, and of its account, can do for the obligations that only a pattern on it meets."""
        return [
            Coverage(
                (each.bit, [glob for one in wanted for glob in one.test.automata])
                for each, wanted in zip(self._obligations, self._asked, strict=True)
                if all(one.matches and one.place == place for one in each.tests)
            )
            for place in (VALUE, ACCOUNT)
        ]

    def _joint(self, watched: Iterable[_Watched]) -> int:
        """Return the states of some tests, those on the account above those on the value."""
        spans = (one.span << self._width if one.place == ACCOUNT else one.span for one in watched)
        return reduce(or_, spans, 0)

    def close(self, account: int) -> int:
        """Return the states of an account that has ended: of its patterns those that match."""
        return account & self.account.accept | self.closed

    def settle(self, states: States, colons: int, digits: tuple[int, int] | None) -> tuple[States, int] | None:
        """Return the states without what no longer matters, and how many letters the obligations need at least.

        None where an obligation can no longer be met. `colons` is how many the value still has, ANY if that is open;
        `digits`, where an account is read, whether it is the VALUE or its ACCOUNT, and how many digits it still has.
        """
        meeting = self._meeting(states, colons)
        if meeting is None:
            return None
        met, missing = meeting
        if digits and 0 < digits[1] < len(self._asked) and not self._coverage[digits[0]].suffices(~met, digits[1]):
            return None
        value, account, _ = states
        closed = bool(account & self.closed)
        if met:
            spans = self._spans_of(met)
            value, account = value & ~spans, account & ~(spans >> self._width)
        for one in self._distinguished:
            if one.place == VALUE and value & one.settled:
                value = value & ~one.span | one.one
            elif one.place == ACCOUNT and account & one.settled and not closed:
                account = account & ~one.span | one.one
        return States(value, account, met), missing

    def _meeting(self, states: States, colons: int) -> tuple[int, int] | None:
        """Return the obligations that are met for certain, and how many letters the others need at least."""
        value, account, met = states
        missing = 0
        for each in self._obligations:
            if met & each.bit:
                continue
            key = (value & each.value_span, account & (each.account_span | self.closed), colons)
            if key not in each.distances:
                each.distances[key] = self._distance(each, value, account, colons)
            distance = each.distances[key]
            if distance is None:
                return None
            if distance == _CERTAIN:
                met |= each.bit
            else:
                missing += distance
        return met, missing

    def _distance(self, obligation: _Obligation, value: int, account: int, colons: int) -> int | None:
        """Return how many letters an obligation still needs at least; None where it cannot be met, or _CERTAIN."""
        distances = []
        for one in obligation.tests:
            states = account if one.place else value
            closed = bool(one.place and account & self.closed)
            settled = one.settled if one.place else one.settled | self._settled_before(colons)
            is_certain, is_possible = one.outlook(states, settled, closed=closed)
            if is_certain:
                return _CERTAIN
            if is_possible:
                distances.append(missing_letters(states & one.span, self._within[one.place]) if one.matches else 0)
        return min(distances, default=None)

    def rank(self, states: States) -> tuple[int, int]:
        """Return what distinguishes the values that go on from here, and the states of which more are better."""
        joint = states.value | states.account << self._width
        better = (joint & self._must_match) | (self._must_not & ~joint) | self._spans_of(states.met)
        return joint & self._apart, better

    def _spans_of_met(self, met: int) -> int:
        """Return the states of obligations that are met: nothing can be better."""
        spans = (one.value_span | one.account_span << self._width for one in self._obligations if met & one.bit)
        return reduce(or_, spans, 0)

    def are_met(self, states: States) -> bool:
        """Return whether a value that ends here meets all obligations."""
        return all(
            states.met & each.bit or any(bool(states[one.place] & one.accept) is one.matches for one in each.tests)
            for each in self._obligations
        )

    def outcome(self, states: States) -> tuple[bool, ...]:
        """Return which of the tests that distinguish values match a value that ends here."""
        return tuple(bool(states[one.place] & one.accept) for one in self._distinguished)
