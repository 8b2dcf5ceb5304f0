"""Writes the table of what the audit reads, from the readers, where a page has `<!-- what the audit reads -->`."""

from __future__ import annotations

from typing import Final

from personalize_guardrails.audit.readers import READERS

_MARK: Final = "<!-- what the audit reads -->"


def on_page_markdown(markdown: str, **_others: object) -> str:
    """Put the table where its mark is."""
    return markdown.replace(_MARK, table()) if _MARK in markdown else markdown


def table() -> str:
    """Return the table: a row for each reader."""
    rows = [f"| {each.file} | {each.checked} | {each.not_checked or '-'} |" for each in READERS]
    return "\n".join(["| file | checked | not checked |", "|---|---|---|", *rows])
