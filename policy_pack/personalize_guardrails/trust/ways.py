"""Requests, known only by which denials they leave standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust.budget import TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from personalize_guardrails.trust.budget import Budget

_MOST: Final = 4096
Class = tuple[int, bool, str | None]
"""Some values of a key: the denials that they leave standing, whether they are a stranger's, and one of them."""


@dataclass(frozen=True, slots=True)
class Way:
    """What some keys hold, unless they are absent; the denials that still stand; whether it is one of a stranger's."""

    standing: int
    stranger: bool
    values: tuple[tuple[str, str], ...] = ()


def combined(ways: Iterable[Way], classes: Sequence[Class], key: str, budget: Budget) -> list[Way]:
    """The ways so far, each with each class of the values of one more key; those that others surpass are left out."""
    kept: dict[tuple[int, bool], Way] = {}
    for way in ways:
        budget.spend(len(classes))
        for mask, stranger, value in classes:
            standing, is_stranger = way.standing & mask, way.stranger or stranger
            if (standing, is_stranger) not in kept:
                if len(kept) > _MOST:
                    raise TooComplex
                values = way.values if value is None else (*way.values, (key, value))
                kept[standing, is_stranger] = Way(standing, is_stranger, values)
    return _least(kept.values(), budget)


def _least(ways: Iterable[Way], budget: Budget) -> list[Way]:
    """The ways that no other of their kind surpasses: one that leaves fewer denials standing."""
    best: list[Way] = []
    for way in sorted(ways, key=lambda each: each.standing.bit_count()):
        budget.spend(len(best))
        if not any(one.stranger == way.stranger and one.standing & ~way.standing == 0 for one in best):
            best.append(way)
    return best
