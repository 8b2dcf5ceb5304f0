"""Escapes text from outside for messages."""

from __future__ import annotations


def escape_unprintable(text: str) -> str:
    """Escape control characters, invisible characters, and halves of surrogate pairs."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
