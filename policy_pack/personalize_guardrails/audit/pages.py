"""Finds out whether an export ends before its last page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from personalize_guardrails.audit.subjects import Subject
from personalize_guardrails.extraction.intrinsic_functions import members

_PAGING: Final = frozenset({"IsTruncated", "Marker", "NextToken", "nextToken"})
CUT_OFF: Final = Subject("", fault="the export is cut off here, and what follows it is missing; export every page")


class Pages:
    """Follows the pages of an export in a file: a page that announces another must be followed by it."""

    def __init__(self) -> None:
        self._awaited: tuple[frozenset[str], str] | None = None

    def is_cut_off_before(self, value: object, account: str) -> bool:
        """Return whether the page before this value announced another, and this is not the next page of its account."""
        page, awaited = members(value), self._awaited
        names = frozenset(map(str, page)) - _PAGING
        known = account or (awaited[1] if awaited else "")
        self._awaited = (names, known) if _has_more(page) else None
        return awaited is not None and (awaited[0] != names or awaited[1] not in {"", known})

    @property
    def is_cut_off(self) -> bool:
        """Whether the last page announced another."""
        return self._awaited is not None


def _has_more(page: Mapping[str, object]) -> bool:
    """Return whether a page announces another."""
    return page.get("IsTruncated") is True or any(page.get(key) for key in _PAGING - {"IsTruncated"})
