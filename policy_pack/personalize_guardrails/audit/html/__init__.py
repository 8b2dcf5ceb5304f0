"""The report as one web page that needs nothing besides itself, and no scripts to be read."""

from __future__ import annotations

from personalize_guardrails.audit.html.page import write_html

__all__ = ["write_html"]
