"""What a value has to meet, in the terms of conditions: tests that must hold, and refusals that must not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from personalize_guardrails.trust.automata.domains import ACCOUNT, Domain
from personalize_guardrails.trust.automata.exploration import Exploration
from personalize_guardrails.trust.automata.obligations import Obligations, Wanted
from personalize_guardrails.trust.search.budget import Budget, TooComplex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from personalize_guardrails.iam.globs import Glob
    from personalize_guardrails.trust.parse.conditions import ConditionTest

_MOST_STATES: Final = 500
"""Where two patterns need more, they are taken to have a value in common."""


@dataclass(frozen=True, slots=True)
class AccountTests:
    """Tests of the account that an ARN names, for requests whose account and ARN agree."""

    must: Sequence[ConditionTest] = ()
    tests: Sequence[ConditionTest] = ()
    apart: Collection[str] = ()
    """Accounts that are distinguished from all others."""


Refusal = tuple["Sequence[ConditionTest]", "Sequence[ConditionTest]"]
"""Tests of a value and of the account that it names which may not all hold."""


class Requirements(NamedTuple):
    """Obligations as lists of tests of which one must turn out as it is wanted, and what distinguishes values."""

    met: Sequence[Sequence[Wanted]]
    distinguished: Sequence[Wanted]
    apart: Collection[str]

    @classmethod
    def of(
        cls, asked: Iterable[Sequence[Wanted]], tests: Iterable[ConditionTest], on_account: AccountTests
    ) -> Requirements:
        """Return what a value has to meet in its patterns; tests without patterns are decided on whole values."""
        met = [
            [one for one in group if one.test.always is None]
            for group in asked
            if not any(one.test.comparison is not None or one.test.always is one.outcome for one in group)
        ]
        distinguished = [Wanted(test, outcome=True) for test in tests]
        distinguished += [Wanted(test, outcome=True, place=ACCOUNT) for test in on_account.tests]
        return cls(_without_ruled_out(met), distinguished, on_account.apart)

    def may_be_incompatible(self) -> bool:
        """Return whether there is a pattern that may have nothing in common with another test."""
        return any(not glob.is_open for group in self.met if _is_listing(group) for glob in group[0].test.automata)

    def compatible(self, domain: Domain[Any], budget: Budget) -> Requirements:
        """Return the requirements without patterns that have no value in common with another test that must hold.

        An Allow may list ARNs of datasets where a Deny lets only campaigns pass. A walk through all patterns notices
        that at the end of each ARN; one pattern and one test are compared soon.
        """
        met = list(self.met)
        for index, group in enumerate(met):
            if not _is_listing(group):
                continue
            [one] = group
            others = [other[0] for place, other in enumerate(met) if place != index and _is_listing(other)]
            kept = (
                glob
                for glob in one.test.automata
                if glob.is_open
                or all(_have_common_value(_only([glob], one), other, domain, budget) for other in others)
            )
            met[index] = [_only(kept, one)]
        return self._replace(met=met)


def demands(must: Iterable[ConditionTest], on_account: AccountTests, refused: Iterable[Refusal]) -> list[list[Wanted]]:
    """Return what a value has to meet as lists of tests of which one must turn out as it is wanted."""
    found = [[Wanted(test, outcome=True)] for test in must]
    found += [[Wanted(test, outcome=True, place=ACCOUNT)] for test in on_account.must]
    for on_text, of_account in refused:
        group = [Wanted(test, outcome=False) for test in on_text]
        found.append(group + [Wanted(test, outcome=False, place=ACCOUNT) for test in of_account])
    return found


def _without_ruled_out(met: Sequence[Sequence[Wanted]]) -> list[Sequence[Wanted]]:
    """Return obligations without the values that a test lists and that another one rules out."""
    alone = [group[0] for group in met if len(group) == 1]

    def narrowed(group: Sequence[Wanted]) -> Sequence[Wanted]:
        if len(group) != 1 or not group[0].test.lists_all(outcome=group[0].outcome):
            return group
        [one] = group
        others = [each for each in alone if each.place == one.place and each.test is not one.test]
        left = (text for text in one.test.literals if all(each.test.holds(text) is each.outcome for each in others))
        return [one._replace(test=replace(one.test, literals=frozenset(left)))]

    return [narrowed(group) for group in met]


def _is_listing(group: Sequence[Wanted]) -> bool:
    """Return whether an obligation is one test, of which a pattern has to match."""
    return len(group) == 1 and group[0].outcome is not group[0].test.negated


def _only(globs: Iterable[Glob], one: Wanted) -> Wanted:
    """Return a test with some of its patterns."""
    patterns = tuple((lambda glob=glob: glob) for glob in globs)
    return one._replace(test=replace(one.test, literals=frozenset(), patterns=patterns))


def _have_common_value(one: Wanted, other: Wanted, domain: Domain[Any], budget: Budget) -> bool:
    """Return whether a value of the domain meets both."""
    try:
        texts = Exploration(domain, Obligations([[one], [other]]), budget, most_states=_MOST_STATES).texts()
        return next(texts, None) is not None
    except TooComplex:
        return True
