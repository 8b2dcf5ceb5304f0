"""Every place that a trust policy hides in, and how to read it there."""

from __future__ import annotations

from personalize_guardrails.extraction.places import Found, trust_policies, watched_types

__all__ = ["Found", "trust_policies", "watched_types"]
