"""Requests, known only by the denials that still apply to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust.search.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from personalize_guardrails.trust.search.budget import Budget

_MOST: Final = 4096
ValueClass = tuple[int, bool, str | None]
"""Some values of a key: the denials that they leave live, whether they are an untrusted account's, and one of them."""


@dataclass(frozen=True, slots=True)
class PartialAssignment:
    """The values of some keys, the denials that still apply, and whether an untrusted account makes the request."""

    live_denials: int
    untrusted: bool
    values: tuple[tuple[str, str], ...] = ()


def combined(
    ways: Iterable[PartialAssignment], classes: Sequence[ValueClass], key: str, budget: Budget
) -> list[PartialAssignment]:
    """The ways so far, each with each class of the values of one more key; those that others surpass are left out."""
    kept: dict[tuple[int, bool], PartialAssignment] = {}
    for way in ways:
        budget.spend(len(classes))
        for mask, untrusted, value in classes:
            live_denials, is_untrusted = way.live_denials & mask, way.untrusted or untrusted
            if (live_denials, is_untrusted) not in kept:
                if len(kept) > _MOST:
                    raise TooComplex
                values = way.values if value is None else (*way.values, (key, value))
                kept[live_denials, is_untrusted] = PartialAssignment(live_denials, is_untrusted, values)
    return _least(kept.values(), budget)


def _least(ways: Iterable[PartialAssignment], budget: Budget) -> list[PartialAssignment]:
    """The ways that no other of their kind surpasses: one to which fewer denials apply."""
    best: list[PartialAssignment] = []
    for way in sorted(ways, key=lambda each: each.live_denials.bit_count()):
        budget.spend(len(best))
        if not any(one.untrusted == way.untrusted and one.live_denials & ~way.live_denials == 0 for one in best):
            best.append(way)
    return best
