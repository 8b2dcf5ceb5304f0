"""One Allow against all denials: who, besides the trusted accounts, can make the service assume the role."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import Arns, contains
from personalize_guardrails.trust.automata.representatives import PER_TEXT
from personalize_guardrails.trust.findings import Witness
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, ConditionTest
from personalize_guardrails.trust.search.assignments import Caller, PartialAssignment, other_keys, relaxed
from personalize_guardrails.trust.search.confinement import confines_account, confines_arn, follows_account
from personalize_guardrails.trust.search.spaces import Pair, SourcePairs
from personalize_guardrails.trust.services import UNTRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget

    IsWanted = Callable[[str | None, str | None], bool]
    Space = Callable[[SourcePairs], Iterator[Pair]]
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A request that should not be allowed. Not `certain`: nothing shows that it is, and nothing keeps it out."""

    witness: Witness
    certain: bool = True


@dataclass(frozen=True)
class AllowSearch:
    """One Allow, the denials that may override it, and the service whose requests are searched."""

    allow: TrustStatement
    denials: Sequence[TrustStatement]
    caller: Caller
    trusted: frozenset[str]
    budget: Budget
    pinned: ConditionTest | None = None
    """What an aws:SourceArn must match to be trusted, besides the account that it names."""
    _apart: set[str] = field(default_factory=set)
    """Accounts that the search has to tell from all others: only those that it came upon."""

    def find(self) -> Counterexample | None:
        """Find a request that lacks a source key, or whose account and ARN agree and are not trusted."""
        if self.is_confined:
            return None
        found = self._try_common() or self._search(SourcePairs.lacking, _any_pair)
        if not (self._confines_account or self._confines_arn):
            found = found or self._search(SourcePairs.agreeing, self._is_untrusted)
        found = found or self._search(SourcePairs.without_account, _any_pair)
        return Counterexample(found) if found else self._find_relaxed(AllowSearch.find)

    def find_disagreement(self) -> Counterexample | None:
        """Find a request whose account and ARN disagree, and one of which is not trusted."""
        if self.is_confined:
            return None
        theirs = self.caller.profile.example_arn(UNTRUSTED)
        pairs = ((own, theirs) for own in self._named)
        found = next((found for pair in pairs if self._disagrees(*pair) and (found := self._allowed(pair))), None)
        if found is None and self._has_bound_arns:
            # An account and an ARN of one class may happen to agree; two of each class cannot all do so.
            self._apart.update(account for account, arn in self._pairs().independent() if account == account_in(arn))
        found = found or self._search(SourcePairs.independent, self._disagrees)
        return Counterexample(found) if found else self._find_relaxed(AllowSearch.find_disagreement)

    def find_trusted(self) -> Witness | None:
        """Find a request of a trusted account, whose ARN names the same account."""
        domain = Arns(self.caller.profile)
        pairs = (
            (account, arn) for account in self._named for arn in self._usual_arns(account) if contains(domain, arn)
        )
        found = next((found for pair in pairs if self._is_trusted(*pair) and (found := self._allowed(pair))), None)
        return found or self._search(SourcePairs.agreeing, self._is_trusted)

    @cached_property
    def is_confined(self) -> bool:
        """Whether the Allow is seen at sight to admit trusted accounts and their ARNs only."""
        follows = follows_account(self.allow, self.trusted, self.caller.profile)
        return self._confines_account and (self._confines_arn or follows)

    @cached_property
    def _confines_account(self) -> bool:
        return self.pinned is None and confines_account(self.allow, self.trusted)

    @cached_property
    def _confines_arn(self) -> bool:
        return self.pinned is None and confines_arn(self.allow, self.trusted, self.caller.profile)

    @property
    def _has_bound_arns(self) -> bool:
        """Whether a pattern of an ARN names the account by `${aws:SourceAccount}`."""
        return any(test.bound for statement in (self.allow, *self.denials) for test in statement.tests)

    @cached_property
    def others(self) -> list[PartialAssignment]:
        """The least denied ways to meet the conditions on other keys; none where they keep every request out."""
        return other_keys(self.allow, self.denials, self.caller, self.budget)

    @cached_property
    def _named(self) -> list[str]:
        """Some trusted accounts that the Allow names."""
        named = {text for test in self.allow.tests if test.key == ACCOUNT for text in test.literals}
        named |= {account_in(text) for test in self.allow.tests if test.key == ARN for text in test.texts}
        return sorted(named & self.trusted)[:_MOST_NAMED] or sorted(self.trusted)[:1]

    def _usual_arns(self, account: str) -> Iterator[str]:
        yield self.caller.profile.example_arn(account)
        for test in self.allow.tests:
            if test.key == ARN:
                yield from (text.replace(account_in(text) or " ", account) for text in test.suggest())
                yield from sorted(test.literals)[:_MOST_NAMED]

    def _try_common(self) -> Witness | None:
        """Try the requests that most documents allow which are not guarded, those that lack most first."""
        example = self.caller.profile.example_arn
        pairs: list[Pair] = [
            (UNTRUSTED, None),
            (None, example(UNTRUSTED)),
            (UNTRUSTED, example(UNTRUSTED)),
            (None, None),
        ]
        pairs += [pair for own in self._named for pair in ((own, None), (None, example(own)))]
        pairs += [(None, arn) for test in self.allow.tests if test.key == ARN for arn in test.suggest()[:_MOST_NAMED]]
        wanted = (pair for pair in pairs if None in pair or self._is_untrusted(*pair))
        return next((found for pair in wanted if (found := self._allowed(pair))), None)

    def _search(self, space: Space, is_wanted: IsWanted) -> Witness | None:
        """Find a wanted pair that is allowed; first without the denials, which are many in hard documents."""
        for denials in ((), self.denials) if self.denials else ((),):
            while True:
                apart = set(self._apart)
                is_empty = True
                for pair in space(self._pairs(denials)):
                    if is_wanted(*pair):
                        if found := self._allowed(pair):
                            return found
                        is_empty = False
                        if not denials:
                            break  # it is denied, and so may the others of its class be
                    self._tell_apart(pair)
                if self._apart == apart:
                    break
            if is_empty:
                return None
        return None

    def _pairs(self, denials: Sequence[TrustStatement] = ()) -> SourcePairs:
        pins = [self.pinned] if self.pinned else []
        return SourcePairs(self.allow, denials, self.caller.profile, self.budget, frozenset(self._apart), pins)

    def _tell_apart(self, pair: Pair) -> None:
        """Remember the accounts of a pair that may not be what others of their class are."""
        account, named = pair[0], account_in(pair[1])
        self._apart.update(self.trusted.intersection({account, named}))

    def _allowed(self, pair: Pair) -> Witness | None:
        """Return the request with a pair, and what other keys it needs, that the document allows."""
        account, arn = pair
        agreeing = None if account is None else account_in(arn) in ("", account)
        values = {ACCOUNT: account, ARN: arn}
        self.budget.spend(PER_TEXT * (1 + len(self.allow.tests) + len(self.denials)))
        if not self._holds(self.allow, values, agreeing=agreeing):
            return None
        live = 0
        for index, denial in enumerate(self.denials):
            if self._holds(denial, values, agreeing=agreeing):
                live |= 1 << index
        other = next((other for other in self.others if not other.live_denials & live), None)
        return None if other is None else self._witness(account, arn, other)

    def _holds(self, statement: TrustStatement, values: dict[str, str | None], *, agreeing: bool | None) -> bool:
        own = self.caller.profile.own_arns_only
        return all(
            test.among(agreeing=agreeing, own_arns_only=own).holds(values[test.key])
            for test in statement.tests
            if test.key in values
        )

    def _witness(self, account: str | None, arn: str | None, other: PartialAssignment) -> Witness:
        """Return the request with its keys as the document writes them."""
        values = dict(other.values)
        if not values:
            return Witness(self.caller.principal, account, arn, statement=self.allow.index)
        written: dict[str, str] = {}
        for statement in (self.allow, *self.denials):
            condition = statement.elements.get("Condition")
            for block in condition.values() if isinstance(condition, dict) else ():
                for name in block if isinstance(block, dict) else ():
                    written.setdefault(name.lower(), name)
        context = MappingProxyType({written.get(key, key): value for key, value in values.items()})
        return Witness(self.caller.principal, account, arn, context, self.allow.index)

    def _is_untrusted(self, account: str | None, arn: str | None) -> bool:
        return account not in self.trusted or not self._is_pinned(arn)

    def _is_trusted(self, account: str | None, arn: str | None) -> bool:
        return account == account_in(arn) and account in self.trusted and self._is_pinned(arn)

    def _disagrees(self, account: str | None, arn: str | None) -> bool:
        named = account_in(arn)
        return account != named and (not {account, named} <= self.trusted or not self._is_pinned(arn))

    def _is_pinned(self, arn: str | None) -> bool:
        return self.pinned is None or self.pinned.holds(arn)

    def _find_relaxed(self, find: Callable[[AllowSearch], Counterexample | None]) -> Counterexample | None:
        """Find a request where keys hold several values, or one that meets comparisons and other tests, as it may."""
        statements = relaxed((self.allow, *self.denials), self.caller)
        if statements is None:
            return None
        found = find(replace(self, allow=statements[0], denials=statements[1:]))
        return replace(found, certain=False) if found else None


def _any_pair(_account: str | None, _arn: str | None) -> bool:
    return True
