"""Judges trust policies without a deployment: policy files, exports of stacks and accounts, and templates."""

from __future__ import annotations

from personalize_guardrails.audit.checking import check
from personalize_guardrails.audit.report import Problem, Report, Violation

__all__ = ["Problem", "Report", "Violation", "check"]
