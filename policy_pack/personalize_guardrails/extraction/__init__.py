"""Finds the trust policies and permissions that a resource declares, in properties and templates."""

from __future__ import annotations

from personalize_guardrails.extraction.permissions import Attachment, Policy, Role, permissions
from personalize_guardrails.extraction.trust_policies import LocatedTrustPolicy, trust_policies, watched_types

__all__ = ["Attachment", "LocatedTrustPolicy", "Policy", "Role", "permissions", "trust_policies", "watched_types"]
