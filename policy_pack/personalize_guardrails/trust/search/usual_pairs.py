"""Pairs of an account and an ARN to be tried before any search: what decides most documents, and reads well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import Arns, contains
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN
from personalize_guardrails.trust.parse.source_arns import with_account
from personalize_guardrails.trust.search.trusted_accounts import account_of, required, untrusted_match
from personalize_guardrails.trust.services import UNTRUSTED, ServiceProfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.spaces import Pair

_MOST_NAMED: Final = 4


@dataclass(frozen=True)
class UsualPairs:
    """The pairs that an Allow and its denials suggest."""

    allow: TrustStatement
    denials: Sequence[TrustStatement]
    trusted: frozenset[str]
    profile: ServiceProfile

    def lacking(self) -> Iterator[Pair]:
        """Yield pairs that lack the ARN, then such that lack the account, as far as the Allow takes them."""
        if all(test.when_absent for test in self.allow.tests_on(ARN)):
            yield from ((account, None) for account in (UNTRUSTED, *self._named))
        if all(test.when_absent for test in self.allow.tests_on(ACCOUNT)):
            yield from ((None, self.profile.example_arn(account)) for account in (UNTRUSTED, *self._named))
            domain = Arns(self.profile)
            for test in self.allow.tests_on(ARN):
                yield from ((None, arn) for arn in test.suggest()[:_MOST_NAMED] if contains(domain, arn))

    def untrusted(self) -> Iterator[Pair]:
        """Yield pairs of an untrusted account and its ARN."""
        usual = () if UNTRUSTED in self.trusted else (UNTRUSTED,)
        for untrusted in chain(usual, self._untrusted_accounts()):
            yield from ((untrusted, arn) for arn in self._arns(untrusted))

    def disagreeing(self) -> Iterator[Pair]:
        """Yield pairs of a trusted account and an untrusted one's ARN, and the other way round."""
        yield from ((own, self.profile.example_arn(UNTRUSTED)) for own in self._named)
        for untrusted in self._untrusted_accounts():
            for own in self._named:
                yield from ((own, arn) for arn in self._arns(untrusted))
                yield from ((untrusted, arn) for arn in self._arns(own))

    def agreeing(self) -> Iterator[Pair]:
        """Yield pairs of a trusted account and its ARN."""
        for own in self._named:
            yield from ((own, arn) for arn in self._arns(own))

    @cached_property
    def _named(self) -> list[str]:
        """Some trusted accounts that the Allow names."""
        named = {text for test in self.allow.tests_on(ACCOUNT) for text in test.literals}
        named |= {account_in(text) for test in self.allow.tests_on(ARN) for text in test.texts}
        return sorted(named & self.trusted)[:_MOST_NAMED] or sorted(self.trusted)[:1]

    def _untrusted_accounts(self) -> Iterator[str]:
        """Yield untrusted accounts that match what must hold of the account, or of the one that the ARN names."""
        for test in required(self.allow, self.denials):
            for text in test.texts:
                pattern = text if test.key == ACCOUNT else account_of(text, test, self.profile)
                if (untrusted := untrusted_match(pattern, self.trusted)) is not None:
                    yield untrusted

    def _arns(self, account: str) -> Iterator[str]:
        """Yield ARNs of an account that the Allow's patterns are likely to match."""
        yield self.profile.example_arn(account)
        domain = Arns(self.profile)
        for test in self.allow.tests_on(ARN):
            suggested = (with_account(text, account) for text in test.suggest())
            arns = chain(suggested, sorted(test.literals)[:_MOST_NAMED])
            yield from (arn for arn in arns if account_in(arn) == account and contains(domain, arn))
