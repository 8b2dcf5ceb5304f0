"""Text from outside, as a message may show it."""

from __future__ import annotations


def escape_unprintable(text: str) -> str:
    """Escape what a terminal would obey, what a reader's eye would not see, and halves of surrogate pairs."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
