"""Decides whether a document lets a service act for anybody but the trusted accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.trust.context_keys import RESOURCE_ACCOUNT
from personalize_guardrails.trust.findings import Finding, Kind
from personalize_guardrails.trust.parse.document import has_known_elements, read_loaded
from personalize_guardrails.trust.parse.loading import Refused, load
from personalize_guardrails.trust.search.budget import TooComplex
from personalize_guardrails.trust.search.confinement import first_match
from personalize_guardrails.trust.search.fast_path import is_plainly_guarded
from personalize_guardrails.trust.search.verdict import findings_for
from personalize_guardrails.trust.services import OWNER
from personalize_guardrails.trust.settings import TrustSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_OWNERS: Final = 8
_MOST_ASKED: Final = 64
_TOO_COMPLEX: Final = Finding(
    Kind.MALFORMED,
    "too-complex",
    "",
    "The trust policy is malformed: its conditions are too complex to decide. Name accounts and resources exactly, and "
    "remove what is not needed.",
)
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
        found = [_findings(body, owner, settings, is_plain=is_plain) for owner in _owners(body, settings)]
    except TooComplex:
        return (_TOO_COMPLEX,)
    except Refused as refused:
        return (Finding(Kind.MALFORMED, refused.code, "", f"The trust policy is malformed: {refused}."),)
    unguarded = (each for each in found if any(finding.kind is Kind.UNGUARDED for finding in each))
    return next(unguarded, min(found, key=len))


def _findings(
    body: dict[str, Any], owner: str | None, settings: TrustSettings, *, is_plain: bool
) -> tuple[Finding, ...]:
    """Return what is wrong with a document in plain values, if the account `owner` has the role."""
    parsed = read_loaded(body, owner)
    findings = list(parsed.faults)
    for service in settings.services if not is_plain else ():
        try:
            findings += findings_for(service, parsed.statements, owner, settings)
        except TooComplex:
            findings.append(_TOO_COMPLEX)
    return tuple(dict.fromkeys(findings) if len(findings) > 1 else findings)


def _owners(body: dict[str, Any], settings: TrustSettings) -> list[str | None]:
    """Return the accounts that may own the role; None where no condition or policy variable asks for it.

    Where it is not known, each is tried that a condition on aws:ResourceAccount admits by its name, some others that
    the document names, of trusted accounts where there are some, and one that it does not name: the document is guarded
    if it is whoever has the role, and works for one of them. TooComplex where they are too many.
    """
    if settings.own_account is not None:
        return [settings.own_account]
    text = str(body)
    if "resourceaccount" not in text.lower():
        return [None]
    tests = (test for statement in read_loaded(body).statements for test in statement.tests)
    patterns = {text for test in tests if test.key == RESOURCE_ACCOUNT for text in test.texts}
    asked = dict.fromkeys(account for pattern in sorted(patterns) if (account := first_match(pattern)))
    if len(asked) > _MOST_ASKED:
        raise TooComplex
    named = sorted(set(_ACCOUNT_ID.findall(text)))
    trusted = sorted(settings.accounts or ())
    likely = [account for account in named if account in trusted] or trusted[:1] or named
    return list(dict.fromkeys((*asked, *likely[:_MOST_OWNERS], OWNER)))
