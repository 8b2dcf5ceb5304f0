"""Decides whether a document lets a service act for anybody but the trusted accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust import messages
from personalize_guardrails.trust.atoms import ACCOUNT, ARN, SOURCE_KEYS, read_atom
from personalize_guardrails.trust.budget import Budget, TooComplex
from personalize_guardrails.trust.case import Case
from personalize_guardrails.trust.findings import Finding, Kind
from personalize_guardrails.trust.reach import admitted, denies, names
from personalize_guardrails.trust.reading import Refused, TrustStatement, read
from personalize_guardrails.trust.settings import TrustSettings
from personalize_guardrails.trust.shortcut import is_plainly_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ACCOUNT_DIGITS: Final = 12


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
    return tuple(dict.fromkeys(findings) if len(findings) > 1 else findings)


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
    speaking = names((statement for statement in statements if statement.allow), service)
    denials = {
        name: [statement for statement in statements if not statement.allow and denies(statement, service, name)]
        for name in speaking
    }
    budget = Budget(len(statements))
    pinned = read_atom("ArnLike", ARN, list(source_arns), allow=True, variables=False) if source_arns else None
    first, usable, safe = None, False, True  # an Allow of everybody is not there for the service
    for allow in statements:
        for name, named in admitted(allow, service, speaking).items() if allow.allow else ():
            first = first or (allow if named else None)
            plain = None if pinned else is_plainly_guarded(allow, service, trusted)
            if plain is not None and not denials[name]:
                usable = usable or plain
                continue
            case = Case(allow, denials[name], service, name, trusted, budget, named, pinned)
            attack = case.verdict() if plain is None else None
            if attack is None:
                usable = usable or case.usable()
                continue
            safe = False
            code, message = messages.unguarded(allow.path, attack.witness, trusted, case.unconditioned())
            remedy = messages.remedy(attack.witness.service, trusted, source_arns)
            message = f"{message} {messages.remedy_in_words(remedy)}"
            yield Finding(Kind.UNGUARDED, code, allow.path, message, attack.witness if attack.certain else None, remedy)
            break
    if first and safe and not usable:
        of_sources = replace(first, atoms=tuple(atom for atom in first.atoms if atom.key in SOURCE_KEYS))
        at_odds = not Case(of_sources, (), service, service, trusted, budget, named=True, pinned=pinned).usable()
        message = messages.unsatisfiable(first.path, service, at_odds=at_odds)
        yield Finding(Kind.UNSATISFIABLE, "never-matches", first.path, message)
