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
from personalize_guardrails.trust.automata.representatives import class_representatives
from personalize_guardrails.trust.automata.requirements import AccountTests, Refusal
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest
from personalize_guardrails.trust.services import UNTRUSTED, ServiceProfile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget

_MOST_EXAMPLES: Final = 8
_MANY: Final = 8
Pair = tuple[str | None, str | None]
"""An account and an ARN, or their absence."""


@dataclass(frozen=True, slots=True)
class SourcePairs:
    """The pairs that an Allow's conditions on the source keys admit; the tests of `denials` are distinguished."""

    allow: TrustStatement
    denials: Sequence[Sequence[ConditionTest]]
    """Tests of the source keys of denials that a pair may meet, where other keys of the request escape them."""
    refused: Sequence[Sequence[ConditionTest]]
    """The same of denials that no pair may meet."""
    profile: ServiceProfile
    budget: Budget
    apart: Collection[str] = ()
    """Accounts that are distinguished from all others."""
    pins: Sequence[ConditionTest] = ()
    """Tests of the ARN that are distinguished besides."""
    fitting: dict[object, str | None] = field(default_factory=dict)
    """An account that some denials of accounts alone do not apply to, None where there is none, as far as was asked."""

    def lacking(self) -> Iterator[Pair]:
        """Yield pairs of which the account or the ARN is absent."""
        accounts, arns = self._on(ACCOUNT, self.allow.tests), self._on(ARN, self.allow.tests)
        arn_may_lack = all(test.when_absent for test in arns)
        if arn_may_lack and self._some_account_fits():
            yield from ((account, None) for account in self._accounts(beside_arn=False))
        if all(test.when_absent for test in accounts):
            if arn_may_lack:
                yield None, None
            yield from ((None, arn) for arn in self._arns(agreeing=None))

    def agreeing(self) -> Iterator[Pair]:
        """Yield pairs of an ARN and the account that it names."""
        return self._agreeing(self.pins, self.apart)

    def untrusted(self) -> Iterator[Pair]:
        """Yield the same without those of a distinguished account and an ARN as it is pinned."""
        return self._agreeing((), (), [(self.pins, [self._is_apart])])

    def _agreeing(
        self, pins: Sequence[ConditionTest], apart: Collection[str], unwanted: Sequence[Refusal] = ()
    ) -> Iterator[Pair]:
        """Yield pairs of an ARN and the account that it names, of which not all unwanted tests hold."""
        if not self._some_account_fits():
            return
        must = self._on(ACCOUNT, self.allow.tests)
        named = {text for test in must for text in test.literals} if len(must) == 1 else ()
        some = sorted({*self.apart, *named})[:_MOST_EXAMPLES]
        domain = Arns(self.profile, *dict.fromkeys((*self._usual_accounts, *some)))
        distinguished = [test for tests in self.denials for test in self._on(ARN, tests, agreeing=True)]
        of_account = [test for tests in self.denials for test in self._on(ACCOUNT, tests)]
        refused = [(self._on(ARN, tests, agreeing=True), self._on(ACCOUNT, tests)) for tests in self.refused]
        for arn in class_representatives(
            domain,
            self._on(ARN, self.allow.tests, agreeing=True),
            [*distinguished, *pins],
            self.budget,
            AccountTests(must, of_account, apart),
            [*refused, *unwanted],
        ):
            yield account_in(arn), arn

    def without_account(self) -> Iterator[Pair]:
        """Yield pairs with an ARN that names no account, which only some services have."""
        if not self.profile.own_arns_only:
            yield from product(self._accounts(), self._arns(agreeing=False, with_account=False))

    def independent(self) -> Iterator[Pair]:
        """Yield pairs of any account and any ARN: of those that differ in nothing but the account's digits, one."""
        if not self._some_account_fits():
            return
        arns = self._one_of_each(ARN, self._arns(agreeing=False))
        yield from product(self._one_of_each(ACCOUNT, self._accounts()), arns)

    def _some_account_fits(self) -> bool:
        """Return whether what is asked of the account alone leaves one, which takes long to find out each time anew."""
        refused = tuple((tuple(tests), ()) for tests in self.refused if all(test.key == ACCOUNT for test in tests))
        if len(refused) < _MANY:
            return True
        if refused not in self.fitting:
            must = self._on(ACCOUNT, self.allow.tests)
            found = class_representatives(Accounts(UNTRUSTED), must, (), self.budget, refused=refused)
            self.fitting[refused] = next(found, None)
        return self.fitting[refused] is not None

    @property
    def _is_apart(self) -> ConditionTest:
        """A test of an account: whether it is distinguished."""
        return ConditionTest(ACCOUNT, when_absent=False, literals=frozenset(self.apart))

    @property
    def _usual_accounts(self) -> Iterable[str]:
        """The accounts to try first."""
        return dict.fromkeys((UNTRUSTED, *filter(None, self.fitting.values())))

    def _one_of_each(self, key: str, values: Iterator[str]) -> list[str]:
        """Return a value for each way in which the tests turn out, and the account is distinguished or not."""
        if self._has_bound_arns:
            return list(values)  # which account it is matters to `${aws:SourceAccount}`
        tests, _ = self._denying(key, agreeing=False, beside_other=True)
        found: dict[tuple[bool, ...], str] = {}
        for value in values:
            self.budget.spend(1 + len(tests))
            found.setdefault(
                ((account_in(value) or value) in self.apart, *(test.holds(value) for test in tests)), value
            )
        return list(found.values())

    @property
    def _has_bound_arns(self) -> bool:
        """Whether a pattern of an ARN names the account by `${aws:SourceAccount}`."""
        return any(test.bound for tests in (self.allow.tests, *self.denials, *self.refused) for test in tests)

    def _accounts(self, *, beside_arn: bool = True) -> Iterator[str]:
        """Yield accounts, one of every class that the tests distinguish."""
        tests, refused = self._denying(ACCOUNT, agreeing=None, beside_other=beside_arn)
        distinguished = [*tests, self._is_apart] if self.apart else tests
        domain = Accounts(*self._usual_accounts, *sorted(self.apart)[:_MOST_EXAMPLES])
        must = self._on(ACCOUNT, self.allow.tests)
        return class_representatives(domain, must, distinguished, self.budget, refused=refused)

    def _arns(self, *, agreeing: bool | None, with_account: bool = True) -> Iterator[str]:
        """Yield ARNs beside an account that disagrees, or where `agreeing` is None beside none."""
        tests, refused = self._denying(ARN, agreeing=agreeing, beside_other=agreeing is not None)
        domain = Arns(self.profile, UNTRUSTED, *sorted(self.apart)[:_MOST_EXAMPLES], with_account=with_account)
        must = self._on(ARN, self.allow.tests, agreeing=agreeing)
        on_account = AccountTests(tests=[self._is_apart] if self.apart else ())
        if self._has_bound_arns:
            on_account = AccountTests(apart=self.apart)
        return class_representatives(domain, must, tests, self.budget, on_account, refused)

    def _denying(
        self, key: str, *, agreeing: bool | None, beside_other: bool
    ) -> tuple[list[ConditionTest], list[Refusal]]:
        """Return the tests of a key that are distinguished, and those that must not all hold.

        Beside a value of the other key, a denial that tests both is distinguished: a pair shows whether it applies.
        """
        distinguished = [test for tests in self.denials for test in self._on(key, tests, agreeing=agreeing)]
        refused: list[Refusal] = []
        for tests in self.refused:
            own, others = self._on(key, tests, agreeing=agreeing), [test for test in tests if test.key != key]
            if others and beside_other:
                distinguished += own
            elif all(test.when_absent for test in others):
                refused.append((own, ()))
        return [*distinguished, *(self.pins if key == ARN else ())], refused

    def _on(self, key: str, tests: Iterable[ConditionTest], *, agreeing: bool | None = None) -> list[ConditionTest]:
        """Return the tests of a key, as they are among pairs that agree or not."""
        own = self.profile.own_arns_only
        return [test.among(agreeing=agreeing, own_arns_only=own) for test in tests if test.key == key]


def set_bits(mask: int) -> list[int]:
    """Return the places of the bits that are set."""
    return [index for index in range(mask.bit_length()) if mask >> index & 1]
