"""Bounds the work of one check: a document is decided in time, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_BASE: Final = 4_000_000
_PER_STATEMENT: Final = 4_000


class TooComplex(Exception):  # noqa: N818 - it is no error: the document is refused
    """The conditions of a document tell apart more requests than can be gone through."""


class Budget:
    """Steps that may still be taken: more for more statements, so that plain documents of any length fit."""

    __slots__ = ("_left",)

    def __init__(self, statements: int) -> None:
        self._left = _BASE + _PER_STATEMENT * statements

    def spend(self, steps: int) -> None:
        """Take some steps; TooComplex where none are left."""
        self._left -= steps
        if self._left < 0:
            raise TooComplex

    @contextmanager
    def at_most(self, steps: int | None, of: int = 1) -> Iterator[None]:
        """Allow one of `of` equal parts of all steps for what is done within, and `steps` at most; keep the others."""
        part = self._left // of
        kept = max(0, self._left - (part if steps is None else min(part, steps)))
        self._left -= kept
        try:
            yield
        finally:
            self._left += kept
