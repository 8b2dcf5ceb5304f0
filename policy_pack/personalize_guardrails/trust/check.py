"""Decides whether a document lets a service act for anybody but the trusted accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from personalize_guardrails.iam.arns import is_account_id
from personalize_guardrails.trust import messages
from personalize_guardrails.trust.findings import Finding, Kind
from personalize_guardrails.trust.parse.conditions import ACCOUNT, ARN, SOURCE_KEYS, read_test
from personalize_guardrails.trust.parse.document import Refused, TrustStatement, read
from personalize_guardrails.trust.parse.principal_matching import admitted, denies, names
from personalize_guardrails.trust.search.budget import Budget, TooComplex
from personalize_guardrails.trust.search.counterexample import Case
from personalize_guardrails.trust.search.fast_path import is_plainly_guarded
from personalize_guardrails.trust.settings import TrustSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


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
        for test in statement.tests
        if test.key == ACCOUNT and test.negated is not statement.allow
        for text in test.literals
        if is_account_id(text)
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
    pinned = read_test("ArnLike", ARN, list(source_arns), allow=True, variables=False) if source_arns else None
    first, is_satisfiable, safe = None, False, True  # an Allow of everybody is not there for the service
    for allow in statements:
        for name, named in admitted(allow, service, speaking).items() if allow.allow else ():
            first = first or (allow if named else None)
            plain = None if pinned else is_plainly_guarded(allow, service, trusted)
            if plain is not None and not denials[name]:
                is_satisfiable = is_satisfiable or plain
                continue
            case = Case(allow, denials[name], service, name, trusted, budget, named, pinned)
            attack = case.find() if plain is None else None
            if attack is None:
                is_satisfiable = is_satisfiable or case.is_satisfiable()
                continue
            safe = False
            code, message = messages.unguarded(allow.path, attack.witness, trusted, case.unconditioned())
            remedy = messages.remedy(attack.witness.service, trusted, source_arns)
            message = f"{message} {messages.remedy_in_words(remedy)}"
            yield Finding(Kind.UNGUARDED, code, allow.path, message, attack.witness if attack.certain else None, remedy)
            break
    if first and safe and not is_satisfiable:
        of_sources = replace(first, tests=tuple(test for test in first.tests if test.key in SOURCE_KEYS))
        at_odds = not Case(
            of_sources, (), service, service, trusted, budget, named=True, pinned=pinned
        ).is_satisfiable()
        message = messages.unsatisfiable(first.path, service, at_odds=at_odds)
        yield Finding(Kind.UNSATISFIABLE, "never-matches", first.path, message)
