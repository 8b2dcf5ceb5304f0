"""One Allow against all denials: who, besides the trusted accounts, comes through.

For each context key the classes of its values are gone through; a class is kept as the set of denials that it leaves
live, and the keys are combined by intersecting those sets. An attack is a combination that leaves none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.arns import account_in
from personalize_guardrails.trust.automata.domains import (
    UNTRUSTED,
    Accounts,
    Arns,
    Fixed,
    Texts,
    always_sent,
    example_arn,
    never_sent,
)
from personalize_guardrails.trust.automata.representatives import PER_TEXT, Domain, class_representatives
from personalize_guardrails.trust.findings import Witness
from personalize_guardrails.trust.parse.conditions import (
    ACCOUNT,
    ARN,
    SOURCE_KEYS,
    ConditionTest,
    is_exact,
    unknown_condition,
)
from personalize_guardrails.trust.search.assignments import PartialAssignment, ValueClass, combined
from personalize_guardrails.trust.search.budget import Budget, TooComplex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from personalize_guardrails.trust.parse.document import TrustStatement

_MOST_TRUSTED: Final = 64
_MOST_GUESSED: Final = 4


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An attack. Not `certain`: that it comes through is not shown, but nothing of the source keys keeps it out."""

    witness: Witness
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One Allow, and the denials that may override it."""

    allow: TrustStatement
    denials: Sequence[TrustStatement]
    service: str
    principal: str
    """The name under which the service comes."""
    trusted: frozenset[str]
    budget: Budget
    named: bool
    """Whether the Allow spells that name out."""
    pinned: ConditionTest | None = None
    """What an aws:SourceArn must match to be trusted, besides the account that it names."""

    def find(self) -> Counterexample | None:
        """An untrusted account's request that comes through, if any does."""
        attack = self._try_common() or self._attack() or self._relaxed()
        if attack is not None and (account := attack.witness.source_account) is not None:
            arn = attack.witness.source_arn
            if arn is not None and account_in(arn) not in ("", account):
                # No service sends such a request: it counts only beside one whose account and ARN agree.
                return self.attack(bare=True) or (None if self._is_at_odds() else attack)
        if attack is None and self.named and self.unconditioned():
            # Guarded by a key of no service's, or by none that exists: it takes both keys, always.
            unproven = Counterexample(Witness(self.principal, None, None, statement=self.allow.index), certain=False)
            attack = self.attack(free=True) or unproven
        return attack

    def unconditioned(self) -> tuple[str, ...]:
        """The source keys on which neither the Allow nor a denial has a condition that restricts."""
        tests = (test for statement in (self.allow, *self.denials) for test in statement.tests)
        conditioned = {test.key for test in tests if test.restricts}
        return tuple(key for key in SOURCE_KEYS if key not in conditioned)

    def _attack(self) -> Counterexample | None:
        """An attack, looked for without the denials first: they are many in the documents that are hard to decide."""
        way = self._alone().through(self._domains(self.trusted), wants_untrusted=True)
        if way is None:
            return None
        return self._found(way) if self._stands(dict(way.values)) else self.attack()

    def _alone(self) -> Case:
        return replace(self, denials=())

    def _relaxed(self) -> Counterexample | None:
        """An attack where keys hold several values, or one that meets comparisons and other tests, as it may.

        Such values are not looked for: where a key may have them, no condition on it counts.
        """
        domains = self._domains(self.trusted)
        on_key: dict[str, list[ConditionTest]] = {}
        for statement in (self.allow, *self.denials):
            for test in statement.tests:
                on_key.setdefault(test.key, []).append(test)
        doubted = {
            key
            for key, tests in on_key.items()
            if len(tests) > 1
            and isinstance(domains.get(key), Texts)
            and any(test.multivalued or test.comparison is not None for test in tests)
        }
        if not doubted:
            return None
        relaxed = replace(
            self, allow=_without(self.allow, doubted), denials=[_without(denial, doubted) for denial in self.denials]
        )
        attack = relaxed.attack()
        return replace(attack, certain=False) if attack else None

    def _try_common(self) -> Counterexample | None:
        """The attack that is looked for at all, where it is one of those that come to mind."""
        if UNTRUSTED in self.trusted:
            return None
        for account, arn in self._guesses():
            if self._passes({ACCOUNT: account, ARN: arn}):
                return Counterexample(Witness(self.principal, account, arn, statement=self.allow.index))
        return None

    def _guesses(self) -> Iterator[tuple[str, str | None]]:
        yield UNTRUSTED, None
        theirs = example_arn(self.service, UNTRUSTED)
        yield UNTRUSTED, theirs
        for own in self._some_trusted()[:_MOST_GUESSED]:
            yield own, theirs

    def _passes(self, values: Mapping[str, str | None]) -> bool:
        self.budget.spend(PER_TEXT * (1 + len(self.allow.tests)))
        return all(test.holds(self._value(values, test.key)) for test in self.allow.tests) and self._stands(values)

    def _stands(self, values: Mapping[str, str | None]) -> bool:
        """Whether no denial is about a request with these values; keys that are not among them are absent."""
        self.budget.spend(PER_TEXT * len(self.denials))
        return not any(
            all(test.holds(self._value(values, test.key)) for test in denial.tests) for denial in self.denials
        )

    def _value(self, values: Mapping[str, str | None], key: str) -> str | None:
        return values.get(key) or always_sent(key, self.principal)

    def _some_trusted(self) -> list[str]:
        return sorted(self.trusted)[:_MOST_TRUSTED]

    def attack(self, *, free: bool = False, bare: bool = False) -> Counterexample | None:
        """An untrusted account's request that comes through.

        `free`: keys that services never send may be there all the same. `bare`: none with an aws:SourceArn.
        """
        if bare and not all(test.when_absent for test in self.allow.tests if test.key == ARN):
            return None
        domains = self._domains(self.trusted, free=free)
        if bare:
            domains[ARN] = None
        way = self.through(domains, wants_untrusted=True)
        return self._found(way) if way else None

    def _found(self, way: PartialAssignment) -> Counterexample:
        values = dict(way.values)
        account, arn = values.pop(ACCOUNT, None), values.pop(ARN, None)
        context: Mapping[str, str] = MappingProxyType(self._as_written(values))
        return Counterexample(Witness(self.principal, account, arn, context, self.allow.index))

    def is_satisfiable(self) -> bool:
        """Whether any request of a trusted account, whose ARN names the same account, comes through."""
        try:
            return any(self.admits(account) for account in self._some_trusted())
        except TooComplex:
            return True  # it is guarded: that it may be useless too is not worth refusing it

    def _is_at_odds(self) -> bool:
        """Whether the Allow admits no request whose account and ARN agree."""
        exact = [test.literals for test in self.allow.tests if test.key == ACCOUNT and is_exact(test)]
        anywhere = replace(self, pinned=None)
        return bool(exact) and not any(anywhere.admits(one) for one in frozenset.intersection(*exact))

    def admits(self, account: str) -> bool:
        """Whether a request of an account comes through, whose ARN names the same account."""
        own = example_arn(self.service, account)
        if (not self.pinned or self.pinned.holds(own)) and self._passes({ACCOUNT: account, ARN: own}):
            return True
        domains = self._domains(frozenset({account}))
        way = self._alone().through(domains, wants_untrusted=False)
        return way is not None and (
            self._stands(dict(way.values)) or self.through(domains, wants_untrusted=False) is not None
        )

    def through(self, domains: Mapping[str, Domain[Any] | None], *, wants_untrusted: bool) -> PartialAssignment | None:
        """A way through, of an untrusted account or of the trusted accounts only."""
        ways = self._ways(domains, wants_untrusted=wants_untrusted)
        return next((way for way in ways if way.untrusted is wants_untrusted and not way.live_denials), None)

    def _domains(self, trusted: frozenset[str], *, free: bool = False) -> dict[str, Domain[Any] | None]:
        domains: dict[str, Domain[Any] | None] = {ACCOUNT: Accounts(trusted), ARN: Arns(self.service, trusted)}
        for statement in (self.allow, *self.denials):
            for test in statement.tests:
                if test.key and test.key not in domains:
                    sent = always_sent(test.key, self.principal)
                    absent = never_sent(test.key, self.service) and not free
                    domains[test.key] = Fixed(sent) if sent else None if absent else Texts()
        return domains

    def _ways(
        self, domains: Mapping[str, Domain[Any] | None], *, wants_untrusted: bool = True
    ) -> list[PartialAssignment]:
        """Every way for a request to match the Allow, the least denied first kept."""
        required: dict[str, list[ConditionTest]] = {}
        for test in self.allow.tests:
            required.setdefault(test.key, []).append(test)
        ways = [PartialAssignment(self._all_standing(), untrusted=False)]
        for key, domain in domains.items():
            classes = self._of_key(key, domain, required.get(key, []), wants_untrusted=wants_untrusted)
            ways = combined(ways, classes, key, self.budget)
            if not ways:
                return []
        return ways

    def _all_standing(self) -> int:
        bits = 0
        for index, denial in enumerate(self.denials):
            if all(test.always is not False or test.when_absent for test in denial.tests):
                bits |= 1 << index
        return bits

    def _of_key(
        self, key: str, domain: Domain[Any] | None, must: list[ConditionTest], *, wants_untrusted: bool
    ) -> list[ValueClass]:
        denying = [
            (1 << index, test) for index, denial in enumerate(self.denials) for test in denial.tests if test.key == key
        ]
        self.budget.spend(len(self.denials))
        found: dict[tuple[int, bool], ValueClass] = {}
        for value, untrusted in self._values(
            key, domain, must, [test for _, test in denying], wants_untrusted=wants_untrusted
        ):
            defeated = 0
            self.budget.spend(len(denying))
            for bit, test in denying:
                if not test.holds(value):
                    defeated |= bit
            found.setdefault((~defeated, untrusted), (~defeated, untrusted, value))
            if not denying and (untrusted or not wants_untrusted or key not in SOURCE_KEYS):
                break  # no other value comes further
        return list(found.values())

    def _values(
        self,
        key: str,
        domain: Domain[Any] | None,
        must: list[ConditionTest],
        denying: list[ConditionTest],
        *,
        wants_untrusted: bool,
    ) -> Iterator[tuple[str | None, bool]]:
        """A value of every class that the Allow admits, None for absence, and whether it is an untrusted account's."""
        source = key in SOURCE_KEYS
        if not (must or denying or source):
            yield None, False  # whether it is there makes no difference
            return
        may_miss = (
            (wants_untrusted or not source) and not isinstance(domain, Fixed) and all(test.when_absent for test in must)
        )
        # An attack without an ARN, and one for an account, are the ones that people understand at once.
        if may_miss and key != ACCOUNT:
            yield None, source
        if not domain:
            return
        tests = [*denying, self.pinned] if self.pinned and key == ARN else denying
        for value, account in class_representatives(domain, must, tests, self.budget):
            untrusted = source and (account is None or (key == ARN and self._is_elsewhere(value)))
            if wants_untrusted or not untrusted:
                yield value, untrusted
        if may_miss and key == ACCOUNT:
            yield None, source

    def _is_elsewhere(self, arn: str) -> bool:
        return self.pinned is not None and not self.pinned.holds(arn)

    def _as_written(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values by their keys as the document writes them."""
        if not values:
            return {}
        written: dict[str, str] = {}
        for statement in (self.allow, *self.denials):
            condition = statement.elements.get("Condition")
            for block in condition.values() if isinstance(condition, dict) else ():
                for name in block if isinstance(block, dict) else ():
                    written.setdefault(name.lower(), name)
        return {written.get(key, key): value for key, value in values.items()}


def _without(statement: TrustStatement, keys: Collection[str]) -> TrustStatement:
    """The statement as if nothing were known of its conditions on some keys."""
    tests = (
        unknown_condition(test.key, allow=statement.allow) if test.key in keys else test for test in statement.tests
    )
    return replace(statement, tests=tuple(tests))
