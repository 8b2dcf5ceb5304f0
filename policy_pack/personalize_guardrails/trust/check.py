"""Decides whether a document lets a service act for anybody but the trusted accounts."""

from __future__ import annotations

from collections.abc import Mapping

from personalize_guardrails.trust.findings import Finding, Kind
from personalize_guardrails.trust.parse.document import has_known_elements
from personalize_guardrails.trust.parse.loading import Refused, load
from personalize_guardrails.trust.search.fast_path import is_plainly_guarded
from personalize_guardrails.trust.settings import TrustSettings


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
        # Many stacks have no other documents, and need not load the search.
        from personalize_guardrails.trust.verdict import verdict  # noqa: PLC0415

        return verdict(body, settings, is_plain=is_plain)
    except Refused as refused:
        return (Finding(Kind.MALFORMED, refused.code, "", f"The trust policy is malformed: {refused}."),)
