"""Checks trust policies without a deployment: policy files, templates, and exports of stacks and accounts."""

from __future__ import annotations

from personalize_guardrails.audit.checking import check_files, check_text
from personalize_guardrails.audit.report import Result

__all__ = ["Result", "check_files", "check_text"]
