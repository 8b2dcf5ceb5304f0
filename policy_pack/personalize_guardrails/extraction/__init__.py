"""Every place that trust policies and permissions hide in, and how to read them there."""

from __future__ import annotations

from personalize_guardrails.extraction.permissions import Attachment, Policy, Role, permissions
from personalize_guardrails.extraction.places import Found, trust_policies, watched_types

__all__ = ["Attachment", "Found", "Policy", "Role", "permissions", "trust_policies", "watched_types"]
