"""The pairs of aws:SourceAccount and aws:SourceArn that a statement admits, one of every class that tests tell apart.

A request lacks one of the keys, or its account and ARN agree, or they do not. Where they agree the ARN is followed
alone, and the tests of the account read its digits; elsewhere the keys are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import Accounts, Arns
from personalize_guardrails.trust.automata.representatives import AccountTests, class_representatives
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest
from personalize_guardrails.trust.services import UNTRUSTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget
    from personalize_guardrails.trust.services import ServiceProfile

_MOST_EXAMPLES: Final = 8
Pair = tuple[str | None, str | None]
"""An account and an ARN, or their absence."""


@dataclass(frozen=True, slots=True)
class SourcePairs:
    """The pairs that an Allow's conditions on the source keys admit; `denials` are told apart where they are given."""

    allow: TrustStatement
    denials: Sequence[TrustStatement]
    profile: ServiceProfile
    budget: Budget
    apart: Collection[str] = ()
    """Accounts that are told from all others."""
    pins: Sequence[ConditionTest] = field(default=())
    """Tests of the ARN that are told apart besides."""

    def lacking(self) -> Iterator[Pair]:
        """Yield pairs of which the account or the ARN is absent."""
        accounts, arns = self._must(ACCOUNT), self._must(ARN)
        arn_may_lack = all(test.when_absent for test in arns)
        if arn_may_lack:
            yield from ((account, None) for account in self._accounts())
        if all(test.when_absent for test in accounts):
            if arn_may_lack:
                yield None, None
            yield from ((None, arn) for arn in self._arns(agreeing=None))

    def agreeing(self) -> Iterator[Pair]:
        """Yield pairs of an ARN and the account that it names."""
        must, tests = self._must(ACCOUNT), self._denying(ACCOUNT)
        named = {text for test in must for text in test.literals} if len(must) == 1 else ()
        domain = Arns(self.profile, *dict.fromkeys((UNTRUSTED, *sorted({*self.apart, *named})[:_MOST_EXAMPLES])))
        on_account = AccountTests(must, tests, self.apart)
        denying = [*self._denying(ARN, agreeing=True), *self.pins]
        for arn in class_representatives(domain, self._must(ARN, agreeing=True), denying, self.budget, on_account):
            yield account_in(arn), arn

    def without_account(self) -> Iterator[Pair]:
        """Yield pairs with an ARN that names no account, which only some services have."""
        if not self.profile.own_arns_only:
            yield from product(self._accounts(), self._arns(agreeing=False, with_account=False))

    def independent(self) -> Iterator[Pair]:
        """Yield pairs of any account and any ARN: of those that differ in nothing but the account's digits, one."""
        arns = self._one_of_each(ARN, self._arns(agreeing=False))
        yield from product(self._one_of_each(ACCOUNT, self._accounts()), arns)

    def _one_of_each(self, key: str, values: Iterator[str]) -> list[str]:
        """Return a value for each way in which the tests turn out, and the account is told apart or not."""
        if any(test.bound for statement in (self.allow, *self.denials) for test in statement.tests):
            return list(values)  # which account it is matters to `${aws:SourceAccount}`
        tests = [*self._denying(key, agreeing=False), *(self.pins if key == ARN else ())]
        found: dict[tuple[bool, ...], str] = {}
        for value in values:
            self.budget.spend(1 + len(tests))
            found.setdefault(
                ((account_in(value) or value) in self.apart, *(test.holds(value) for test in tests)), value
            )
        return list(found.values())

    def _accounts(self) -> Iterator[str]:
        tests = self._denying(ACCOUNT)
        literal = [ConditionTest(ACCOUNT, when_absent=False, literals=frozenset(self.apart))] if self.apart else []
        domain = Accounts(UNTRUSTED, *sorted(self.apart)[:_MOST_EXAMPLES])
        return class_representatives(domain, self._must(ACCOUNT), [*tests, *literal], self.budget)

    def _arns(self, *, agreeing: bool | None, with_account: bool = True) -> Iterator[str]:
        domain = Arns(self.profile, UNTRUSTED, *sorted(self.apart)[:_MOST_EXAMPLES], with_account=with_account)
        must, tests = self._must(ARN, agreeing=agreeing), [*self._denying(ARN, agreeing=agreeing), *self.pins]
        return class_representatives(domain, must, tests, self.budget, AccountTests((), (), self.apart))

    def _must(self, key: str, *, agreeing: bool | None = None) -> list[ConditionTest]:
        return self._tests_of(self.allow, key, agreeing=agreeing)

    def _denying(self, key: str, *, agreeing: bool | None = None) -> list[ConditionTest]:
        return [test for denial in self.denials for test in self._tests_of(denial, key, agreeing=agreeing)]

    def _tests_of(self, statement: TrustStatement, key: str, *, agreeing: bool | None) -> list[ConditionTest]:
        own = self.profile.own_arns_only
        return [test.among(agreeing=agreeing, own_arns_only=own) for test in statement.tests if test.key == key]
