"""The trust rule: who, besides the trusted accounts, can make Personalize assume a role."""

from __future__ import annotations

from personalize_guardrails.trust.check import check_trust_policy
from personalize_guardrails.trust.findings import Finding, Kind, Witness
from personalize_guardrails.trust.settings import TrustSettings

__all__ = ["Finding", "Kind", "TrustSettings", "Witness", "check_trust_policy"]
