"""What a value has to meet, in the terms of conditions: tests that must hold, and refusals that must not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from personalize_guardrails.trust.automata.obligations import Obligations, Wanted
from personalize_guardrails.trust.automata.source_domains import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from personalize_guardrails.trust.parse.conditions import ConditionTest


@dataclass(frozen=True, slots=True)
class AccountTests:
    """Tests of the account that an ARN names, for requests whose account and ARN agree."""

    must: Sequence[ConditionTest] = ()
    tests: Sequence[ConditionTest] = ()
    apart: Collection[str] = ()
    """Accounts that are distinguished from all others."""


Refusal = tuple["Sequence[ConditionTest]", "Sequence[ConditionTest]"]
"""Tests of a value and of the account that it names which may not all hold."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """Obligations as lists of tests of which one must turn out as it is wanted, and tests that distinguish values."""

    met: Sequence[Sequence[Wanted]]
    distinguished: Sequence[Wanted] = ()
    apart: Collection[str] = ()

    def watch(self) -> Obligations:
        """Return the obligations to be followed through their patterns."""
        return Obligations(self.met, self.distinguished, self.apart)


def requirements(
    must: Sequence[ConditionTest],
    tests: Sequence[ConditionTest],
    on_account: AccountTests,
    refused: Sequence[Refusal],
) -> Requirements:
    """Return what a value has to meet in its patterns; tests without patterns are decided on whole values."""
    demands: list[tuple[Sequence[ConditionTest], Sequence[ConditionTest], bool]] = [
        ((test,), (), True) for test in must
    ]
    demands += [((), (test,), True) for test in on_account.must]
    demands += [(on_text, of_account, False) for on_text, of_account in refused]
    met = []
    for on_text, of_account, outcome in demands:
        group = [Wanted(test, outcome) for test in on_text]
        group += [Wanted(test, outcome, ACCOUNT) for test in of_account]
        if not any(one.test.comparison is not None or one.test.always is outcome for one in group):
            met.append([one for one in group if one.test.always is None])
    distinguished = [Wanted(test, outcome=True) for test in tests]
    distinguished += [Wanted(test, outcome=True, place=ACCOUNT) for test in on_account.tests]
    return Requirements(_without_ruled_out(met), distinguished, on_account.apart)


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
