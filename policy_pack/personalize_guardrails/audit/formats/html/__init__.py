"""The report as one web page that needs nothing besides itself, and no scripts to be read."""

from __future__ import annotations

from personalize_guardrails.audit.formats.html.page import write

__all__ = ["write"]
