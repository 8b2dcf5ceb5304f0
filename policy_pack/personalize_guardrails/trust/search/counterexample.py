"""One Allow against all denials: who, besides the trusted accounts, can make the service assume the role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import Arns, contains
from personalize_guardrails.trust.automata.representatives import PER_TEXT
from personalize_guardrails.trust.findings import Witness
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, SOURCE_KEYS, ConditionTest
from personalize_guardrails.trust.search.assignments import Caller, OtherKeys, relaxed
from personalize_guardrails.trust.search.confinement import confines_account, confines_arn, follows_account
from personalize_guardrails.trust.search.spaces import Pair, SourcePairs, set_bits
from personalize_guardrails.trust.services import UNTRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement
    from personalize_guardrails.trust.search.assignments import Values
    from personalize_guardrails.trust.search.budget import Budget

    IsWanted = Callable[[str | None, str | None], bool]
    Space = Callable[[SourcePairs], Iterator[Pair]]
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A request that should not be allowed. Not `certain`: nothing shows that it is, and nothing keeps it out."""

    witness: Witness
    certain: bool = True
    unrestricted: tuple[str, ...] = ()
    """The source keys that nothing restricts, where these and no request are why the Allow is unguarded."""


class AllowSearch:
    """One Allow, the denials that may override it, and the service whose requests are searched.

    `pinned` is what an aws:SourceArn must match to be trusted, besides the account that it names.
    """

    def __init__(
        self,
        allow: TrustStatement,
        denials: Sequence[TrustStatement],
        caller: Caller,
        trusted: frozenset[str],
        budget: Budget,
        pinned: ConditionTest | None = None,
    ) -> None:
        self.allow, self.denials, self.caller = allow, denials, caller
        self.trusted, self.budget, self.pinned = trusted, budget, pinned
        self.confines_account = pinned is None and confines_account(allow, trusted)
        self.confines_arn = pinned is None and confines_arn(allow, trusted, caller.profile)
        self.follows_account = pinned is None and follows_account(allow, trusted, caller.profile)
        self._others = OtherKeys(allow, denials, caller, budget)
        self._apart: set[str] = set()  # distinguished accounts: only those that the search came upon

    def find(self) -> Counterexample | None:
        """Find a request that lacks a source key, or whose account and ARN agree and are not trusted."""
        if self.is_confined:
            return None
        found = self._try_common() or self._search(SourcePairs.lacking)
        if not (self.confines_account or self.confines_arn):
            found = found or self._search(SourcePairs.untrusted, self._is_untrusted)
        found = found or self._search(SourcePairs.without_account)
        return Counterexample(found) if found else self._find_relaxed(AllowSearch.find)

    def find_disagreement(self) -> Counterexample | None:
        """Find a request whose account and ARN disagree, and one of which is not trusted."""
        if self.is_confined:
            return None
        pairs = ((own, self.caller.profile.example_arn(UNTRUSTED)) for own in self._named)
        found = next((found for pair in pairs if self._disagrees(*pair) and (found := self._allowed(pair))), None)
        if found is None and self._has_bound_arns:
            # An account and an ARN of one class may happen to agree; two of each class cannot all do so.
            self._apart.update(account for account, arn in self._pairs().independent() if account == account_in(arn))
        found = found or self._search(SourcePairs.independent, self._disagrees)
        return Counterexample(found) if found else self._find_relaxed(AllowSearch.find_disagreement)

    def find_trusted(self) -> Witness | None:
        """Find a request of a trusted account, whose ARN names the same account."""
        for account in self._named:
            for arn in self._usual_arns(account):
                if self._is_trusted(account, arn) and (found := self._allowed((account, arn))):
                    return found
        return self._search(SourcePairs.agreeing, self._is_trusted)

    @property
    def is_confined(self) -> bool:
        """Whether the Allow obviously admits trusted accounts and their ARNs only."""
        return self.confines_account and (self.confines_arn or self.follows_account)

    @property
    def _has_bound_arns(self) -> bool:
        """Whether a pattern of an ARN names the account by `${aws:SourceAccount}`."""
        return any(test.bound for statement in (self.allow, *self.denials) for test in statement.tests)

    @property
    def _named(self) -> list[str]:
        """Some trusted accounts that the Allow names."""
        named = {text for test in self.allow.tests if test.key == ACCOUNT for text in test.literals}
        named |= {account_in(text) for test in self.allow.tests if test.key == ARN for text in test.texts}
        return sorted(named & self.trusted)[:_MOST_NAMED] or sorted(self.trusted)[:1]

    def _usual_arns(self, account: str) -> Iterator[str]:
        """Yield ARNs of an account that its patterns are likely to match."""
        yield self.caller.profile.example_arn(account)
        domain = Arns(self.caller.profile)
        for test in self.allow.tests:
            if test.key == ARN:
                suggested = [text.replace(account_in(text) or " ", account) for text in test.suggest()]
                named = sorted(test.literals)[:_MOST_NAMED]
                yield from (arn for arn in (*suggested, *named) if contains(domain, arn))

    def _try_common(self) -> Witness | None:
        """Try the requests that most documents allow which are not guarded, those that lack most first."""
        example = self.caller.profile.example_arn
        may_lack_account = all(test.when_absent for test in self.allow.tests if test.key == ACCOUNT)
        may_lack_arn = all(test.when_absent for test in self.allow.tests if test.key == ARN)
        pairs: list[Pair] = [(account, None) for account in (UNTRUSTED, *self._named)] if may_lack_arn else []
        if may_lack_account:
            arns = (arn for test in self.allow.tests if test.key == ARN for arn in test.suggest()[:_MOST_NAMED])
            pairs += [(None, arn) for arn in (*map(example, (UNTRUSTED, *self._named)), *arns)]
        if not (self.confines_account or self.confines_arn) and UNTRUSTED not in self.trusted:
            pairs.append((UNTRUSTED, example(UNTRUSTED)))
        return next((found for pair in pairs if (found := self._allowed(pair))), None)

    def _search(self, space: Space, is_wanted: IsWanted = lambda *_: True) -> Witness | None:
        """Find a wanted pair that is allowed.

        Only denials that were found to deny one are looked at: in documents that are hard to decide they are many, and
        most of them do not matter.
        """
        relevant = 0
        while self._others.escape(0) is not None:
            apart, fresh = set(self._apart), 0
            for pair in space(self._pairs(relevant)):
                if not is_wanted(*pair):
                    self._tell_apart(pair)
                    continue
                live = self._live_denials(pair)
                if live is None:
                    continue
                if (others := self._others.escape(live)) is not None:
                    return self._witness(pair, others)
                if self._others.escape(live & relevant) is not None:
                    fresh = self._most_telling(live & ~relevant, 1 + relevant.bit_count() // 2)
                    break
            relevant |= fresh
            if not fresh and self._apart == apart:
                break
        return None

    def _most_telling(self, denials: int, most: int) -> int:
        """Return some denials that no request can escape but by its source keys; if there are none, one of all."""
        certain = [index for index in set_bits(denials) if self._others.escape(1 << index) is None]
        return sum(1 << index for index in certain[:most]) or denials & -denials

    def _pairs(self, relevant: int = 0) -> SourcePairs:
        """Return the pairs that the Allow admits, as far as some of the denials matter."""
        distinguished: list[list[ConditionTest]] = []
        refused: list[list[ConditionTest]] = []
        for index in set_bits(relevant):
            tests = [test for test in self.denials[index].tests if test.key in SOURCE_KEYS]
            (refused if self._others.escape(1 << index) is None else distinguished).append(tests)
        pins = [self.pinned] if self.pinned else []
        apart = frozenset(self._apart)
        return SourcePairs(self.allow, distinguished, refused, self.caller.profile, self.budget, apart, pins)

    def _tell_apart(self, pair: Pair) -> None:
        """Remember the accounts of a pair that may not be what others of their class are."""
        met = self.trusted.intersection({pair[0], account_in(pair[1])}) - self._apart
        if met:
            statements = (self.allow, *self.denials)
            texts = (
                text for each in statements for test in each.tests if test.key in SOURCE_KEYS for text in test.texts
            )
            self._apart.update(met, self.trusted.intersection(account_in(text) or text for text in texts))

    def _allowed(self, pair: Pair) -> Witness | None:
        """Return the request with a pair, and what other keys it needs, that the document allows."""
        live = self._live_denials(pair)
        others = None if live is None else self._others.escape(live)
        return None if others is None else self._witness(pair, others)

    def _live_denials(self, pair: Pair) -> int | None:
        """Return the denials whose conditions on the source keys hold for a pair; None where the Allow's do not."""
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
        return live

    def _holds(self, statement: TrustStatement, values: dict[str, str | None], *, agreeing: bool | None) -> bool:
        """Return whether a statement's conditions on the source keys hold."""
        own = self.caller.profile.own_arns_only
        return all(
            test.among(agreeing=agreeing, own_arns_only=own).holds(values[test.key])
            for test in statement.tests
            if test.key in values
        )

    def _witness(self, pair: Pair, others: Values) -> Witness:
        """Return the request with its keys as the document writes them."""
        account, arn = pair
        if not others:
            return Witness(self.caller.principal, account, arn, statement=self.allow.index)
        written: dict[str, str] = {}
        for statement in (self.allow, *self.denials):
            condition = statement.elements.get("Condition")
            for block in condition.values() if isinstance(condition, dict) else ():
                for name in block if isinstance(block, dict) else ():
                    written.setdefault(name.lower(), name)
        context = MappingProxyType({written.get(key, key): value for key, value in others})
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
        found = find(AllowSearch(statements[0], statements[1:], self.caller, self.trusted, self.budget, self.pinned))
        return replace(found, certain=False) if found else None
