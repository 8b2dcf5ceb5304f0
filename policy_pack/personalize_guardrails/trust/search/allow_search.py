"""One Allow against all denials: who, besides the trusted accounts, can make the service assume the role."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.representatives import PER_TEXT
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, SOURCE_KEYS, ConditionTest
from personalize_guardrails.trust.search.assignments import OtherKeys, relaxed
from personalize_guardrails.trust.search.counterexample import Counterexample, Doubt, first_certain
from personalize_guardrails.trust.search.spaces import Pair, SourcePairs, set_bits
from personalize_guardrails.trust.search.trusted_accounts import Confinement, confinement
from personalize_guardrails.trust.search.usual_pairs import UsualPairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.budget import Budget
    from personalize_guardrails.trust.services import Caller

    IsWanted = Callable[[str | None, str | None], bool]
    Space = Callable[[SourcePairs], Iterator[Pair]]
_ENOUGH: Final = 2


def _is_any(_account: str | None, _arn: str | None) -> bool:
    return True


@dataclass(eq=False)
class AllowSearch:
    """One Allow, the denials that may override it, and the service whose requests are searched."""

    allow: TrustStatement
    denials: Sequence[TrustStatement]
    caller: Caller
    trusted: frozenset[str]
    budget: Budget
    pinned: ConditionTest | None = None
    """What an aws:SourceArn must match to be trusted, besides the account that it names."""

    def __post_init__(self) -> None:
        allow, denials, profile = self.allow, self.denials, self.caller.profile
        self.confined = Confinement() if self.pinned else confinement(allow, denials, self.trusted, profile)
        self._usual = UsualPairs(allow, denials, self.trusted, profile)
        self._others = OtherKeys(allow, denials, self.caller, self.budget)
        self._fitting: dict[object, str | None] = {}
        self._agreed: Counter[tuple[bool, ...]] = Counter()
        self._apart: set[str] = set()  # distinguished accounts: only those that the search came upon

    def find(self) -> Counterexample | None:
        """Find a request that lacks a source key, or whose account and ARN agree and are not trusted."""
        return self._find(AllowSearch._lacking_or_untrusted)

    def find_disagreement(self) -> Counterexample | None:
        """Find a request whose account and ARN disagree, and one of which is not trusted."""
        return self._find(AllowSearch._disagreeing)

    def _find(self, requests: Callable[[AllowSearch], Iterator[Counterexample]]) -> Counterexample | None:
        """Find a request; else one where keys hold several values, or one that meets comparisons, as it may."""
        if self.confined.is_complete:
            return None
        if found := first_certain(requests(self)):
            return found
        lenient = self._relaxed()
        found = first_certain(requests(lenient)) if lenient else None
        return replace(found, doubt=Doubt.OTHER_KEYS) if found else None

    def admits_trusted(self) -> bool:
        """Return whether a request of a trusted account, whose ARN names the same account, may be allowed."""
        found = chain(self._allowed(self._usual.agreeing()), self._search(SourcePairs.agreeing))
        if any(self._is_trusted(each.witness.source_account, each.witness.source_arn) for each in found):
            return True
        lenient = self._relaxed()
        return lenient is not None and lenient.admits_trusted()

    def _lacking_or_untrusted(self) -> Iterator[Counterexample]:
        """Yield requests that `find` looks for, the usual ones first."""
        may_be_untrusted = not (self.confined.account or self.confined.arn)
        yield from self._allowed(self._usual.lacking())
        if may_be_untrusted:
            yield from self._allowed(self._usual.untrusted())
        yield from self._search(SourcePairs.lacking)
        if may_be_untrusted:
            yield from self._search(SourcePairs.untrusted, self._is_untrusted)
        yield from self._search(SourcePairs.without_account)

    def _disagreeing(self) -> Iterator[Counterexample]:
        """Yield requests that `find_disagreement` looks for."""
        yield from self._allowed(self._usual.disagreeing(), self._disagrees)
        yield from self._search(SourcePairs.independent, self._disagrees)

    def _search(self, space: Space, is_wanted: IsWanted = _is_any) -> Iterator[Counterexample]:
        """Yield wanted pairs that are allowed.

        Only denials that were found to deny one are looked at: in documents that are hard to decide they are many, and
        most of them do not matter.
        """
        if not all(denial.tests for denial in self.denials):
            return  # nothing is allowed
        relevant = 0
        while self._others.escape(0) is not None:
            apart, fresh = set(self._apart), 0
            for pair in space(self._pairs(relevant)):
                if not is_wanted(*pair):
                    self._distinguish(pair)
                    continue
                live = self._live_denials(pair)
                if live is None:
                    continue
                if (others := self._others.escape(live)) is not None:
                    yield Counterexample.of(self.allow, self.denials, self.caller, pair, others)
                elif self._others.escape(live & relevant) is not None:
                    fresh = self._most_telling(live & ~relevant, 1 + relevant.bit_count() // 2)
                    break
            relevant |= fresh
            if not fresh and self._apart == apart:
                break

    def _most_telling(self, denials: int, most: int) -> int:
        """Return some denials that no request can escape but by its source keys; if there are none, one of all."""
        certain = [index for index in set_bits(denials) if self._others.escape(1 << index) is None]
        return sum(1 << index for index in certain[:most]) or denials & -denials

    def _pairs(self, relevant: int = 0) -> SourcePairs:
        """Return the pairs that the Allow admits, as far as some of the denials matter."""
        distinguished: list[list[ConditionTest]] = []
        refused: list[list[ConditionTest]] = []
        for index in set_bits(relevant):
            tests = self.denials[index].tests_on(*SOURCE_KEYS)
            (refused if self._others.escape(1 << index) is None else distinguished).append(tests)
        pins = [self.pinned] if self.pinned else []
        apart = frozenset(self._apart)
        profile, budget = self.caller.profile, self.budget
        return SourcePairs(self.allow, distinguished, refused, profile, budget, apart, pins, self._fitting)

    def _distinguish(self, pair: Pair) -> None:
        """Remember the accounts of a pair that may not be what others of their class are."""
        account = account_in(pair[1])
        if pair[0] == account and account not in self.trusted and account not in self._apart:
            self._distinguish_agreeing(account, pair)
        met = self.trusted.intersection({pair[0], account}) - self._apart
        if met:
            tests = chain(*(each.tests_on(*SOURCE_KEYS) for each in (self.allow, *self.denials)))
            texts = chain(*(test.texts for test in tests))
            self._apart.update(met, self.trusted.intersection(account_in(text) or text for text in texts))

    def _distinguish_agreeing(self, account: str, pair: Pair) -> None:
        """Remember an account that agrees with its ARN by chance, where others of their classes would not.

        Two of each class are enough: they cannot all agree.
        """
        values = {ACCOUNT: account, ARN: pair[1]}
        outcome = tuple(chain(*(self._outcomes(each, values, agreeing=False) for each in (self.allow, *self.denials))))
        self._agreed[outcome] += 1
        if self._agreed[outcome] <= _ENOUGH:
            self._apart.add(account)

    def _allowed(self, pairs: Iterable[Pair], is_wanted: IsWanted = _is_any) -> Iterator[Counterexample]:
        """Yield the requests of wanted pairs, with what other keys they need, that the document allows."""
        for pair in pairs:
            live = self._live_denials(pair) if is_wanted(*pair) else None
            if live is not None and (others := self._others.escape(live)) is not None:
                yield Counterexample.of(self.allow, self.denials, self.caller, pair, others)

    def _live_denials(self, pair: Pair) -> int | None:
        """Return the denials whose conditions on the source keys hold for a pair; None where the Allow's do not."""
        account, arn = pair
        agreeing = None if account is None else account_in(arn) in ("", account)
        values = {ACCOUNT: account, ARN: arn}
        self.budget.spend(PER_TEXT * (1 + len(self.allow.tests) + len(self.denials)))
        if not all(self._outcomes(self.allow, values, agreeing=agreeing)):
            return None
        outcomes = (self._outcomes(denial, values, agreeing=agreeing) for denial in self.denials)
        return sum(1 << index for index, each in enumerate(outcomes) if all(each))

    def _outcomes(
        self, statement: TrustStatement, values: dict[str, str | None], *, agreeing: bool | None
    ) -> Iterator[bool]:
        """Yield whether each of a statement's conditions on the source keys holds."""
        own = self.caller.profile.own_arns_only
        return (
            test.among(agreeing=agreeing, own_arns_only=own).holds(values[test.key])
            for test in statement.tests
            if test.key in values
        )

    def _is_untrusted(self, account: str | None, arn: str | None) -> bool:
        return account not in self.trusted or not self.is_pinned(arn)

    def _is_trusted(self, account: str | None, arn: str | None) -> bool:
        return account == account_in(arn) and account in self.trusted and self.is_pinned(arn)

    def _disagrees(self, account: str | None, arn: str | None) -> bool:
        named = account_in(arn)
        return account != named and (not {account, named} <= self.trusted or not self.is_pinned(arn))

    def is_pinned(self, arn: str | None) -> bool:
        """Return whether an ARN is one of those that the settings trust, whatever account it names."""
        return self.pinned is None or self.pinned.holds(arn)

    def _relaxed(self) -> AllowSearch | None:
        """Return the search as if nothing were known of the keys whose values are not all looked for, if there are."""
        statements = relaxed((self.allow, *self.denials), self.caller)
        return replace(self, allow=statements[0], denials=statements[1:]) if statements else None
