"""Decides whether a document lets a service act for anybody but the trusted accounts.

Each Allow that reaches the service is tried on its own, against all denials. For each context key the classes of its
values are gone through; a class is kept as the set of denials that it leaves standing, and the keys are combined by
intersecting those sets. An attack is a combination that leaves none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.trust import messages
from personalize_guardrails.trust.atoms import ACCOUNT, ARN, SOURCE_KEYS, Atom, is_exact, read_atom
from personalize_guardrails.trust.budget import Budget, TooComplex
from personalize_guardrails.trust.findings import Finding, Kind, Witness
from personalize_guardrails.trust.languages import Accounts, Arns, Fixed, Texts, always_sent, never_sent
from personalize_guardrails.trust.reach import reaches
from personalize_guardrails.trust.reading import Refused, TrustStatement, read
from personalize_guardrails.trust.settings import TrustSettings
from personalize_guardrails.trust.shortcut import is_plainly_guarded
from personalize_guardrails.trust.values import Language, value_classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_MOST_COMBINATIONS: Final = 4096
_ACCOUNT_DIGITS: Final = 12
_ACCOUNT_PART: Final = 4


def check_trust_policy(
    document: str | Mapping[str, object],
    settings: TrustSettings = TrustSettings(),  # noqa: B008 - it is frozen
) -> tuple[Finding, ...]:
    """What is wrong with a trust policy: nothing where it is guarded, or does not let the services in.

    `document` is JSON text or the same values. A document is guarded when it allows no sts:AssumeRole request of the
    services in which aws:SourceAccount is absent or no trusted account, or aws:SourceArn is absent or names none. Every
    `unguarded` finding carries such a request. Never raises; takes time in proportion to the document.

    Source: Amazon Personalize Developer Guide, "Cross-service confused deputy prevention".
    """
    try:
        reading = read(document)
    except Refused as refused:
        return (Finding(Kind.MALFORMED, refused.code, "", f"The trust policy is malformed: {refused}."),)
    findings = [
        Finding(Kind.MALFORMED, fault.code, fault.path, messages.malformed(fault.path, fault.message))
        for fault in reading.faults
    ]
    trusted = _trusted(reading.statements, settings)
    for service in settings.services:
        try:
            findings += _judged(reading.statements, service, trusted, settings.source_arns)
        except TooComplex:
            findings.append(Finding(Kind.MALFORMED, "too-complex", "", messages.TOO_COMPLEX))
    return tuple(dict.fromkeys(findings))


def _trusted(statements: Sequence[TrustStatement], settings: TrustSettings) -> frozenset[str]:
    if settings.accounts is not None:
        return settings.accounts
    if settings.own_account is not None:
        return frozenset({settings.own_account})
    return frozenset(
        text
        for statement in statements
        for atom in statement.atoms
        if atom.key == ACCOUNT and atom.negated is not statement.allow
        for text in atom.literals
        if len(text) == _ACCOUNT_DIGITS and text.isascii() and text.isdigit()
    )


def _judged(
    statements: Sequence[TrustStatement], service: str, trusted: frozenset[str], source_arns: tuple[str, ...]
) -> Iterator[Finding]:
    reaching = [statement for statement in statements if reaches(statement, service)]
    denials = [statement for statement in reaching if not statement.allow]
    allows = [statement for statement in reaching if statement.allow]
    budget = Budget(len(statements))
    guarding = {atom.key for denial in denials for atom in denial.atoms if atom.restricts}
    pinned = read_atom("ArnLike", ARN, list(source_arns), allow=True, variables=False) if source_arns else None
    usable, safe = False, True
    for allow in allows:
        plain = None if denials or source_arns else is_plainly_guarded(allow, service, trusted)
        if plain is not None:
            usable = usable or plain
            continue
        case = _Case(allow, denials, service, trusted, budget, pinned)
        conditioned = guarding | {atom.key for atom in allow.atoms if atom.restricts}
        attack = case.attack(free=False)
        if attack is not None and case.is_at_odds(attack):
            # Only requests could come through whose account and ARN contradict each other, and no service sends those.
            continue
        if attack is None and not conditioned.issuperset(SOURCE_KEYS):
            # Guarded by a key of no service's, or by none that exists: it takes both keys, always.
            attack = case.attack(free=True) or _Found(
                Witness(service, None, None, statement=allow.index), certain=False
            )
        if attack is None:
            usable = usable or case.usable()
            continue
        safe = False
        missing = tuple(key for key in SOURCE_KEYS if key not in conditioned)
        code, message = messages.unguarded(allow.path, attack.witness, trusted, missing)
        yield Finding(Kind.UNGUARDED, code, allow.path, message, attack.witness if attack.certain else None)
    if allows and safe and not usable:
        yield Finding(
            Kind.UNSATISFIABLE, "never-matches", allows[0].path, messages.unsatisfiable(allows[0].path, service)
        )


@dataclass(frozen=True, slots=True)
class _Found:
    witness: Witness
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Way:
    """What some keys hold, the denials that still stand, and whether the request is one of a stranger's."""

    standing: int
    stranger: bool
    values: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One Allow, and the denials that may override it."""

    allow: TrustStatement
    denials: Sequence[TrustStatement]
    service: str
    trusted: frozenset[str]
    budget: Budget
    pinned: Atom | None = None
    """What an aws:SourceArn must match to be trusted, besides the account that it names."""

    def attack(self, *, free: bool) -> _Found | None:
        """A stranger's request that comes through. `free`: keys that services never send may be there all the same."""
        for way in self._ways(self._languages(self.trusted, free=free)):
            if way.stranger and not way.standing:
                values = dict(way.values)
                account, arn = values.pop(ACCOUNT), values.pop(ARN)
                context = {self._spelled(key): value for key, value in values.items() if value is not None}
                return _Found(Witness(self.service, account, arn, MappingProxyType(context), self.allow.index))
        return None

    def usable(self) -> bool:
        """Whether any request of a trusted account, whose ARN names the same account, comes through."""
        try:
            return any(self._admits(account) for account in sorted(self.trusted)[:_MOST_TRUSTED])
        except TooComplex:
            return True  # it is guarded: that it may be useless too is not worth refusing it

    def is_at_odds(self, attack: _Found) -> bool:
        """Whether the Allow admits nothing but requests whose account and ARN are of different accounts."""
        account, arn = attack.witness.source_account, attack.witness.source_arn
        if account is None or arn is None or arn.split(":")[_ACCOUNT_PART] in ("", account):
            return False
        exact = [atom.literals for atom in self.allow.atoms if atom.key == ACCOUNT and is_exact(atom)]
        return bool(exact) and not any(self._admits(one) for one in frozenset.intersection(*exact))

    def _admits(self, account: str) -> bool:
        ways = self._ways(self._languages(frozenset({account}), free=False), strangers=False)
        return any(not way.standing for way in ways)

    def _languages(self, trusted: frozenset[str], *, free: bool) -> dict[str, Language[Any] | None]:
        languages: dict[str, Language[Any] | None] = {ACCOUNT: Accounts(trusted), ARN: Arns(self.service, trusted)}
        for statement in (self.allow, *self.denials):
            for atom in statement.atoms:
                if atom.key and atom.key not in languages:
                    sent = always_sent(atom.key, self.service)
                    absent = never_sent(atom.key) and not free
                    languages[atom.key] = Fixed(sent) if sent else None if absent else Texts()
        return languages

    def _ways(self, languages: Mapping[str, Language[Any] | None], *, strangers: bool = True) -> list[_Way]:
        """Every way for a request to match the Allow, the least denied first kept."""
        ways = [_Way(self._all_standing(), stranger=False)]
        for key, language in languages.items():
            ways = list(_combined(ways, self._of_key(key, language, strangers=strangers), key, self.budget))
            if not ways:
                return []
        return ways

    def _all_standing(self) -> int:
        bits = 0
        for index, denial in enumerate(self.denials):
            if all(atom.always is not False or atom.missing for atom in denial.atoms):
                bits |= 1 << index
        return bits

    def _of_key(
        self, key: str, language: Language[Any] | None, *, strangers: bool
    ) -> list[tuple[int, bool, str | None]]:
        must = [atom for atom in self.allow.atoms if atom.key == key]
        denying = [
            (1 << index, atom) for index, denial in enumerate(self.denials) for atom in denial.atoms if atom.key == key
        ]
        atoms = [atom for _, atom in denying] + ([self.pinned] if self.pinned and key == ARN else [])
        source = key in SOURCE_KEYS
        self.budget.spend(len(self.denials))
        found: dict[tuple[int, bool], tuple[int, bool, str | None]] = {}

        def keep(value: str | None, *, stranger: bool) -> None:
            felled = 0
            self.budget.spend(len(denying))
            for bit, atom in denying:
                if not atom.holds(value):
                    felled |= bit
            found.setdefault((~felled, stranger), (~felled, stranger, value))

        may_miss = not isinstance(language, Fixed) and (strangers or not source)
        absent_first = key == ARN
        if may_miss and absent_first and all(atom.missing for atom in must):
            keep(None, stranger=source)
        if not must and not atoms and not source:
            return [(-1, False, None)]
        for value, account in value_classes(language, must, atoms, self.budget) if language else ():
            stranger = source and (account is None or (key == ARN and self._is_elsewhere(value)))
            if strangers or not stranger:
                keep(value, stranger=stranger)
        if may_miss and not absent_first and all(atom.missing for atom in must):
            keep(None, stranger=source)
        return list(found.values())

    def _is_elsewhere(self, arn: str) -> bool:
        return self.pinned is not None and not self.pinned.holds(arn)

    def _spelled(self, key: str) -> str:
        """The key as the document writes it."""
        for statement in (self.allow, *self.denials):
            condition = statement.elements.get("Condition")
            for block in condition.values() if isinstance(condition, dict) else ():
                for name in block if isinstance(block, dict) else ():
                    if name.lower() == key:
                        return str(name)
        return key


_MOST_TRUSTED: Final = 64


def _combined(
    ways: Iterable[_Way], classes: Sequence[tuple[int, bool, str | None]], key: str, budget: Budget
) -> Iterator[_Way]:
    kept: dict[tuple[int, bool], _Way] = {}
    for way in ways:
        budget.spend(len(classes))
        for mask, stranger, value in classes:
            standing, is_stranger = way.standing & mask, way.stranger or stranger
            if (standing, is_stranger) not in kept:
                if len(kept) > _MOST_COMBINATIONS:
                    raise TooComplex
                kept[standing, is_stranger] = replace(
                    way, standing=standing, stranger=is_stranger, values=(*way.values, (key, value))
                )
    return _least(kept.values(), budget)


def _least(ways: Iterable[_Way], budget: Budget) -> Iterator[_Way]:
    """The ways that no other of their kind surpasses: one that leaves fewer denials standing."""
    best: list[_Way] = []
    for way in sorted(ways, key=lambda each: each.standing.bit_count()):
        budget.spend(len(best))
        if not any(one.stranger == way.stranger and one.standing & ~way.standing == 0 for one in best):
            best.append(way)
    return iter(best)
