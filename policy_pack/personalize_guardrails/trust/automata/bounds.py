"""What letters that follow can do for patterns at most, so that a walk leaves soon what leads nowhere."""

from __future__ import annotations

import string
from bisect import bisect_left
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from personalize_guardrails.iam.globs import Glob

_PAIRS: Final = tuple(product(string.digits, string.digits))


def missing_letters(states: int, within: Sequence[int]) -> int:
    """Return how many letters some states need at least; `within` are those that need none, at most one and so on."""
    return bisect_left(within, True, key=lambda mask: bool(states & mask))  # noqa: FBT003 - what is looked for


class Coverage:
    """The obligations, as bits, of which a pattern is completed by a pair of digits.

    An account has twelve digits, however many parts are asked of it. A pattern is completed by its last digit after
    the one before it, so each digit that follows completes the patterns of one pair. That says soon that thirty groups
    of parts do not fit into one account.
    """

    def __init__(self, patterns: Iterable[tuple[int, Sequence[Glob]]]) -> None:
        by_pair = dict.fromkeys(_PAIRS, 0)
        self.bits = 0
        """The obligations that nothing but a pattern of theirs can meet."""
        for bit, globs in patterns:
            self.bits |= bit
            for glob in globs:
                for pair in _completing(glob):
                    by_pair[pair] |= bit
        self._many = set(by_pair.values())
        self._most = cache(self._count)

    def suffices(self, unmet: int, digits: int) -> bool:
        """Return whether so many digits may complete a pattern of each of some obligations."""
        asked = unmet & self.bits
        wanted = asked.bit_count()
        return wanted <= digits or self._most(asked, digits) >= wanted

    def _count(self, asked: int, digits: int) -> int:
        """Return how many obligations the pairs of so many digits meet at most: none counts that meets the same."""
        met = {mask & asked for mask in self._many}
        return sum(sorted((mask.bit_count() for mask in met), reverse=True)[:digits])


def _completing(glob: Glob) -> Iterable[tuple[str, str]]:
    """Return the pairs of digits that can complete a pattern; all of them where it needs none."""
    needed = (glob.accept - 1) & ~glob.stars
    if not needed:
        return _PAIRS
    last = needed.bit_length() - 1
    lasts = _moving(glob, last)
    is_after_letter = last > 0 and not glob.stars >> (last - 1) & 1
    firsts = _moving(glob, last - 1) if is_after_letter else string.digits
    return product(firsts, lasts)


def _moving(glob: Glob, state: int) -> list[str]:
    return [digit for digit in string.digits if glob.moves.get(digit, glob.moved_by_any) >> state & 1]
