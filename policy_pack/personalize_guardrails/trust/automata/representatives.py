"""The values that a key can have, one for each way in which a set of tests can turn out on them.

Values that a document names, or that are usual, are tried first. Then all patterns are followed through the key's
domain, so that every class of values that the tests tell apart is found, and none is made up.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import Domain, contains
from personalize_guardrails.trust.automata.exploration import Exploration
from personalize_guardrails.trust.automata.obligations import Obligations
from personalize_guardrails.trust.automata.requirements import (
    AccountTests,
    Refusal,
    compatible,
    may_be_incompatible,
    requirements,
)
from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from personalize_guardrails.trust.parse.conditions import ConditionTest
    from personalize_guardrails.trust.search.budget import Budget

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
    """Yield a value for every way in which `tests` can turn out, while all of `must` and no refusal holds.

    A way may come repeatedly.
    """

    def holds(text: str) -> bool:
        budget.spend(PER_TEXT * (1 + len(must) + len(on_account.must) + len(refused)))
        account = account_in(text)
        return (
            all(test.holds(text) for test in must)
            and all(test.holds(account) for test in on_account.must)
            and not any(
                all(test.holds(text) for test in on_text) and all(test.holds(account) for test in of_account)
                for on_text, of_account in refused
            )
        )

    seen = set()
    asked = (*must, *tests, *(test for on_text, _ in refused for test in on_text))
    for text in dict.fromkeys(_candidates(domain, asked, on_account)):
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
    alone = [(test, True) for test in must]
    alone += [(on_text[0], False) for on_text, of_account in refused if len(on_text) == 1 and not of_account]
    if not any(test.lists_all(outcome=outcome) for test, outcome in alone):
        yield from (text for text in _explored(domain, must, tests, on_account, refused, budget) if holds(text))


def _explored(
    domain: Domain[S],
    must: Sequence[ConditionTest],
    tests: Sequence[ConditionTest],
    on_account: AccountTests,
    refused: Sequence[Refusal],
    budget: Budget,
) -> Iterator[str]:
    """Yield values from a walk through all patterns; where that takes long, without patterns that cannot matter."""
    every = (*must, *tests, *(test for on_text, _ in refused for test in on_text))
    walk = partial(Exploration, domain, budget=budget, compares=any(test.comparison is not None for test in every))
    required = requirements(must, tests, on_account, refused)
    if may_be_incompatible(required):
        try:
            yield from walk(Obligations(*required), most_states=_FEW_STATES).texts()
        except TooComplex:
            required = compatible(required, domain, budget)
        else:
            return
    yield from walk(Obligations(*required), most_states=_MOST_STATES).texts()


def _candidates(domain: Domain[S], tests: Sequence[ConditionTest], on_account: AccountTests) -> Iterator[str]:
    """Yield values that are usual, that a test lists, or that lie next to a bound."""
    yield from domain.examples
    yield from sorted({text for test in tests for text in test.literals})
    accounts = sorted({text for test in on_account.must for text in test.literals})[:_MOST_ACCOUNTS]
    for text in (text for test in tests for text in test.suggest()):
        yield text
        for account in accounts:
            yield text.replace(account_in(text), account)
