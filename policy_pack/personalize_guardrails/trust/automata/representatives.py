"""The values that a key can have, one for each way in which a set of tests can turn out on them.

Values that a document names, or that are usual, are tried first. Then all patterns are followed through the key's
domain, so that every class of values that the tests tell apart is found, and none is made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import VALUE, Domain, contains
from personalize_guardrails.trust.automata.exploration import Exploration
from personalize_guardrails.trust.automata.obligations import Obligations
from personalize_guardrails.trust.automata.requirements import AccountTests, Refusal, Requirements, demands
from personalize_guardrails.trust.search.budget import Budget, TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from personalize_guardrails.trust.parse.conditions import ConditionTest

_MOST_ACCOUNTS: Final = 4
_FEW_STATES: Final = 2_000
_MOST_STATES: Final = 20_000
PER_TEXT: Final = 20
"""Steps that one pattern takes on a whole text."""
_NO_ACCOUNT_TESTS: Final = AccountTests()
S = TypeVar("S")


def class_representatives(
    domain: Domain[S],
    must: Sequence[ConditionTest],
    tests: Sequence[ConditionTest],
    budget: Budget,
    on_account: AccountTests = _NO_ACCOUNT_TESTS,
    refused: Sequence[Refusal] = (),
) -> Iterator[str]:
    """Yield one value or more for every way in which `tests` can turn out while all of `must` and no refusal holds."""
    asked = demands(must, on_account, refused)

    def holds(text: str) -> bool:
        budget.spend(PER_TEXT * (1 + len(asked)))
        value = (text, account_in(text))
        return all(any(one.test.holds(value[one.place]) is one.outcome for one in group) for group in asked)

    seen = set()
    on_text = [*must, *tests, *(test for each, _ in refused for test in each)]
    for text in dict.fromkeys(_candidates(domain, on_text, on_account)):
        if holds(text) and contains(domain, text):
            account = account_in(text)
            outcome = (
                *(test.holds(text) for test in tests),
                *(test.holds(account) for test in on_account.tests),
                account if account in on_account.apart else None,
            )
            if outcome not in seen:
                seen.add(outcome)
                yield text
    alone = [group[0] for group in asked if len(group) == 1 and group[0].place == VALUE]
    if any(one.test.lists_all(outcome=one.outcome) for one in alone):
        return
    required = Requirements.of(asked, tests, on_account)
    compares = any(test.comparison is not None for test in on_text)
    yield from filter(holds, _explored(domain, required, budget, compares=compares))


def _explored(domain: Domain[S], required: Requirements, budget: Budget, *, compares: bool) -> Iterator[str]:
    """Yield values from a walk through all patterns; where that takes long, without patterns that cannot matter."""
    if required.may_be_incompatible():
        try:
            watched = Obligations(*required)
            yield from Exploration(domain, watched, budget, most_states=_FEW_STATES, compares=compares).texts()
        except TooComplex:
            required = required.compatible(domain, budget)
        else:
            return
    watched = Obligations(*required)
    yield from Exploration(domain, watched, budget, most_states=_MOST_STATES, compares=compares).texts()


def _candidates(domain: Domain[S], tests: Sequence[ConditionTest], on_account: AccountTests) -> Iterator[str]:
    """Yield values that are usual, that a test lists, or that lie next to a bound."""
    yield from domain.examples
    yield from sorted({text for test in tests for text in test.literals})
    accounts = sorted({text for test in on_account.must for text in test.literals})[:_MOST_ACCOUNTS]
    for text in (text for test in tests for text in test.suggest()):
        yield text
        for account in accounts:
            yield text.replace(account_in(text), account)
