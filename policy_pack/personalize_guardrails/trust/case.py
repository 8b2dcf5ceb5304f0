"""One Allow against all denials: who, besides the trusted accounts, comes through.

For each context key the classes of its values are gone through; a class is kept as the set of denials that it leaves
standing, and the keys are combined by intersecting those sets. An attack is a combination that leaves none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.trust.atoms import ACCOUNT, ARN, SOURCE_KEYS, Atom, doubtful, is_exact
from personalize_guardrails.trust.budget import Budget, TooComplex
from personalize_guardrails.trust.findings import Witness
from personalize_guardrails.trust.languages import (
    STRANGER,
    Accounts,
    Arns,
    Fixed,
    Texts,
    always_sent,
    example_arn,
    never_sent,
)
from personalize_guardrails.trust.values import PER_TEXT, Language, value_classes
from personalize_guardrails.trust.ways import Class, Way, combined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from personalize_guardrails.trust.reading import TrustStatement

_ACCOUNT_PART: Final = 4
_MOST_TRUSTED: Final = 64
_MOST_GUESSED: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
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
    pinned: Atom | None = None
    """What an aws:SourceArn must match to be trusted, besides the account that it names."""

    def verdict(self) -> Found | None:
        """A stranger's request that comes through, if any does."""
        attack = self._guess() or self._attack() or self._in_doubt()
        if attack is not None and (account := attack.witness.source_account) is not None:
            arn = attack.witness.source_arn
            if arn is not None and arn.split(":")[_ACCOUNT_PART] not in ("", account):
                # No service sends such a request: it counts only beside one whose account and ARN agree.
                return self.attack(bare=True) or (None if self._is_at_odds() else attack)
        if attack is None and self.named and self.unconditioned():
            # Guarded by a key of no service's, or by none that exists: it takes both keys, always.
            unproven = Found(Witness(self.principal, None, None, statement=self.allow.index), certain=False)
            attack = self.attack(free=True) or unproven
        return attack

    def unconditioned(self) -> tuple[str, ...]:
        """The source keys on which neither the Allow nor a denial has a condition that restricts."""
        atoms = (atom for statement in (self.allow, *self.denials) for atom in statement.atoms)
        conditioned = {atom.key for atom in atoms if atom.restricts}
        return tuple(key for key in SOURCE_KEYS if key not in conditioned)

    def _attack(self) -> Found | None:
        """An attack, looked for without the denials first: they are many in the documents that are hard to decide."""
        way = self._alone().through(self._languages(self.trusted), stranger=True)
        if way is None:
            return None
        return self._found(way) if self._stands(dict(way.values)) else self.attack()

    def _alone(self) -> Case:
        return replace(self, denials=())

    def _in_doubt(self) -> Found | None:
        """An attack where keys hold several values, or one that meets comparisons and other tests, as it may.

        Such values are not looked for: where a key may have them, no condition on it counts.
        """
        languages = self._languages(self.trusted)
        on_key: dict[str, list[Atom]] = {}
        for statement in (self.allow, *self.denials):
            for atom in statement.atoms:
                on_key.setdefault(atom.key, []).append(atom)
        doubted = {
            key
            for key, atoms in on_key.items()
            if len(atoms) > 1
            and isinstance(languages.get(key), Texts)
            and any(atom.many or atom.comparison is not None for atom in atoms)
        }
        if not doubted:
            return None
        relaxed = replace(
            self, allow=_without(self.allow, doubted), denials=[_without(denial, doubted) for denial in self.denials]
        )
        attack = relaxed.attack()
        return replace(attack, certain=False) if attack else None

    def _guess(self) -> Found | None:
        """The attack that is looked for at all, where it is one of those that come to mind."""
        if STRANGER in self.trusted:
            return None
        for account, arn in self._guesses():
            if self._passes({ACCOUNT: account, ARN: arn}):
                return Found(Witness(self.principal, account, arn, statement=self.allow.index))
        return None

    def _guesses(self) -> Iterator[tuple[str, str | None]]:
        yield STRANGER, None
        theirs = example_arn(self.service, STRANGER)
        yield STRANGER, theirs
        for own in self._some_trusted()[:_MOST_GUESSED]:
            yield own, theirs

    def _passes(self, values: Mapping[str, str | None]) -> bool:
        self.budget.spend(PER_TEXT * (1 + len(self.allow.atoms)))
        return all(atom.holds(self._value(values, atom.key)) for atom in self.allow.atoms) and self._stands(values)

    def _stands(self, values: Mapping[str, str | None]) -> bool:
        """Whether no denial is about a request with these values; keys that are not among them are absent."""
        self.budget.spend(PER_TEXT * len(self.denials))
        return not any(
            all(atom.holds(self._value(values, atom.key)) for atom in denial.atoms) for denial in self.denials
        )

    def _value(self, values: Mapping[str, str | None], key: str) -> str | None:
        return values.get(key) or always_sent(key, self.principal)

    def _some_trusted(self) -> list[str]:
        return sorted(self.trusted)[:_MOST_TRUSTED]

    def attack(self, *, free: bool = False, bare: bool = False) -> Found | None:
        """A stranger's request that comes through.

        `free`: keys that services never send may be there all the same. `bare`: none with an aws:SourceArn.
        """
        if bare and not all(atom.missing for atom in self.allow.atoms if atom.key == ARN):
            return None
        languages = self._languages(self.trusted, free=free)
        if bare:
            languages[ARN] = None
        way = self.through(languages, stranger=True)
        return self._found(way) if way else None

    def _found(self, way: Way) -> Found:
        values = dict(way.values)
        account, arn = values.pop(ACCOUNT, None), values.pop(ARN, None)
        context: Mapping[str, str] = MappingProxyType(self._as_written(values))
        return Found(Witness(self.principal, account, arn, context, self.allow.index))

    def usable(self) -> bool:
        """Whether any request of a trusted account, whose ARN names the same account, comes through."""
        try:
            return any(self.admits(account) for account in self._some_trusted())
        except TooComplex:
            return True  # it is guarded: that it may be useless too is not worth refusing it

    def _is_at_odds(self) -> bool:
        """Whether the Allow admits no request whose account and ARN agree."""
        exact = [atom.literals for atom in self.allow.atoms if atom.key == ACCOUNT and is_exact(atom)]
        anywhere = replace(self, pinned=None)
        return bool(exact) and not any(anywhere.admits(one) for one in frozenset.intersection(*exact))

    def admits(self, account: str) -> bool:
        """Whether a request of an account comes through, whose ARN names the same account."""
        own = example_arn(self.service, account)
        if (not self.pinned or self.pinned.holds(own)) and self._passes({ACCOUNT: account, ARN: own}):
            return True
        languages = self._languages(frozenset({account}))
        way = self._alone().through(languages, stranger=False)
        return way is not None and (
            self._stands(dict(way.values)) or self.through(languages, stranger=False) is not None
        )

    def through(self, languages: Mapping[str, Language[Any] | None], *, stranger: bool) -> Way | None:
        """A way through, of a stranger or of the trusted accounts only."""
        ways = self._ways(languages, strangers=stranger)
        return next((way for way in ways if way.stranger is stranger and not way.standing), None)

    def _languages(self, trusted: frozenset[str], *, free: bool = False) -> dict[str, Language[Any] | None]:
        languages: dict[str, Language[Any] | None] = {ACCOUNT: Accounts(trusted), ARN: Arns(self.service, trusted)}
        for statement in (self.allow, *self.denials):
            for atom in statement.atoms:
                if atom.key and atom.key not in languages:
                    sent = always_sent(atom.key, self.principal)
                    absent = never_sent(atom.key, self.service) and not free
                    languages[atom.key] = Fixed(sent) if sent else None if absent else Texts()
        return languages

    def _ways(self, languages: Mapping[str, Language[Any] | None], *, strangers: bool = True) -> list[Way]:
        """Every way for a request to match the Allow, the least denied first kept."""
        required: dict[str, list[Atom]] = {}
        for atom in self.allow.atoms:
            required.setdefault(atom.key, []).append(atom)
        ways = [Way(self._all_standing(), stranger=False)]
        for key, language in languages.items():
            classes = self._of_key(key, language, required.get(key, []), strangers=strangers)
            ways = combined(ways, classes, key, self.budget)
            if not ways:
                return []
        return ways

    def _all_standing(self) -> int:
        bits = 0
        for index, denial in enumerate(self.denials):
            if all(atom.always is not False or atom.missing for atom in denial.atoms):
                bits |= 1 << index
        return bits

    def _of_key(self, key: str, language: Language[Any] | None, must: list[Atom], *, strangers: bool) -> list[Class]:
        denying = [
            (1 << index, atom) for index, denial in enumerate(self.denials) for atom in denial.atoms if atom.key == key
        ]
        self.budget.spend(len(self.denials))
        found: dict[tuple[int, bool], Class] = {}
        for value, stranger in self._values(key, language, must, [atom for _, atom in denying], strangers=strangers):
            felled = 0
            self.budget.spend(len(denying))
            for bit, atom in denying:
                if not atom.holds(value):
                    felled |= bit
            found.setdefault((~felled, stranger), (~felled, stranger, value))
            if not denying and (stranger or not strangers or key not in SOURCE_KEYS):
                break  # no other value comes further
        return list(found.values())

    def _values(
        self, key: str, language: Language[Any] | None, must: list[Atom], denying: list[Atom], *, strangers: bool
    ) -> Iterator[tuple[str | None, bool]]:
        """A value of every class that the Allow admits, None for absence, and whether it is a stranger's."""
        source = key in SOURCE_KEYS
        if not (must or denying or source):
            yield None, False  # whether it is there makes no difference
            return
        may_miss = (strangers or not source) and not isinstance(language, Fixed) and all(atom.missing for atom in must)
        # An attack without an ARN, and one for an account, are the ones that people understand at once.
        if may_miss and key != ACCOUNT:
            yield None, source
        if not language:
            return
        atoms = [*denying, self.pinned] if self.pinned and key == ARN else denying
        for value, account in value_classes(language, must, atoms, self.budget):
            stranger = source and (account is None or (key == ARN and self._is_elsewhere(value)))
            if strangers or not stranger:
                yield value, stranger
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
    atoms = (doubtful(atom.key, allow=statement.allow) if atom.key in keys else atom for atom in statement.atoms)
    return replace(statement, atoms=tuple(atoms))
