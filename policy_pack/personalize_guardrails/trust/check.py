"""Decides whether a document lets a service act for anybody but the trusted accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust import messages
from personalize_guardrails.trust.findings import Finding, Kind
from personalize_guardrails.trust.parse.document import has_known_elements, read_loaded
from personalize_guardrails.trust.parse.loading import Refused, load
from personalize_guardrails.trust.search.budget import TooComplex
from personalize_guardrails.trust.search.fast_path import is_plainly_guarded
from personalize_guardrails.trust.search.verdict import findings_for
from personalize_guardrails.trust.services import OWNER
from personalize_guardrails.trust.settings import TrustSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT_ID: Final = re.compile(r"(?<!\d)\d{12}(?!\d)", re.ASCII)


def check_trust_policy(
    document: str | Mapping[str, object],
    settings: TrustSettings = TrustSettings(),  # noqa: B008 - it is frozen
) -> tuple[Finding, ...]:
    """Return what is wrong with a trust policy: nothing where it is guarded, or does not let the services in.

    `document` is JSON text or the same values. docs/rule.md says what guarded means. An `unguarded` finding carries a
    request that IAM would allow, where one can be shown. Never raises; takes time in proportion to the document.

    Source: Amazon Personalize Developer Guide, "Cross-service confused deputy prevention".
    """
    try:
        body = load(document)
        is_plain = is_plainly_guarded(body, settings)
        if is_plain and has_known_elements(body):
            return ()
        owner = _owner_of(document if isinstance(document, str) else str(body), settings)
        parsed = read_loaded(body, owner)
    except Refused as refused:
        return (Finding(Kind.MALFORMED, refused.code, "", f"The trust policy is malformed: {refused}."),)
    findings = [
        Finding(Kind.MALFORMED, fault.code, fault.path, messages.malformed(fault.path, fault.message))
        for fault in parsed.faults
    ]
    for service in settings.services if not is_plain else ():
        try:
            findings += findings_for(service, parsed.statements, owner, settings)
        except TooComplex:
            findings.append(Finding(Kind.MALFORMED, "too-complex", "", messages.TOO_COMPLEX))
    return tuple(dict.fromkeys(findings) if len(findings) > 1 else findings)


def _owner_of(text: str, settings: TrustSettings) -> str | None:
    """Return the account that owns the role; None where no policy variable asks for it.

    Where it is not known, it is taken to be one that lets the document work: a trusted account that the document
    names, or else any that it names.
    """
    if settings.own_account is not None:
        return settings.own_account
    if "resourceaccount" not in text.lower():
        return None
    named = sorted(set(_ACCOUNT_ID.findall(text)))
    trusted = sorted(settings.accounts or ())
    return next((account for account in named if account in trusted), next(iter(trusted or named), OWNER))
