"""Guardrails for IAM roles that Amazon Personalize assumes.

`check_trust_policy` decides whether a trust policy really restricts; it needs the standard library only. The policy
pack is in `personalize_guardrails.policies`, which needs `pulumi-policy`.
"""

from __future__ import annotations

from personalize_guardrails.trust import Finding, Kind, TrustSettings, Witness, check_trust_policy

__all__ = ["Finding", "Kind", "TrustSettings", "Witness", "check_trust_policy"]
