"""How the conditions of a statement are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingMode:
    """How the conditions of a statement are read."""

    allow: bool
    variables: bool
    """Whether `${...}` are policy variables, as they are since Version 2012-10-17."""
    owner: str | None = None
    """The account that owns the role: the value of `${aws:ResourceAccount}`."""
