"""Matches patterns with `*` and `?` by following all states at once, so that no pattern is slow.

A state set is the bits of an integer: bit i says that the first i tokens of the pattern have matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import or_
from typing import Final

STAR: Final = 0
ANY: Final = 1
STAR_WITHIN: Final = 2
ANY_WITHIN: Final = 3
"""The wildcards of ARN operators stay within their component: they match no colon."""
Token = str | int


@dataclass(frozen=True, slots=True, eq=False)
class Glob:
    """A compiled pattern. `start` and `accept` are state sets; `letters` are the characters that it names."""

    start: int
    accept: int
    letters: frozenset[str]
    moves: dict[str, int]
    """The states that each named character, and the colon, advances."""
    moved_by_any: int
    stars: int
    stars_at_colon: int

    @property
    def settled(self) -> int:
        """The states in which one pattern matches any rest of the text: those of a star at its end."""
        last = self.accept >> 1
        return last | self.accept if last & self.stars_at_colon else 0

    @property
    def is_open(self) -> bool:
        """Whether one pattern begins and ends with a star, so that it matches most texts."""
        return bool(self.stars & 1 and self.stars & self.accept >> 1)

    def fitting(self, colons: int, letters: int | None) -> int:
        """Return the states from which the rest of a pattern can match a text with so many colons.

        `letters` is the number of letters before the first colon, or before the end; None is any number. The glob may
        hold several patterns side by side, as `run_together` makes them.
        """
        size = self.accept.bit_length()
        masks = (self.accept, self.moves.get(":", 0) & ~self.moved_by_any, self.stars)
        found, needed, before, has_star = [], 0, 0, False
        for is_last, is_colon, is_star in zip(*(f"{mask:0{size}b}" for mask in masks), strict=True):  # the last first
            if is_last == "1":
                needed, before, has_star = 0, 0, False
            elif is_colon == "1":
                needed, before, has_star = needed + 1, 0, False
            elif is_star == "1":
                has_star = True
            else:
                before += 1
            # If the text has more colons than needed, a wildcard may match one and what is before it.
            is_open = needed < colons or letters is None or before == letters or (has_star and before < letters)
            found.append("1" if needed <= colons and is_open else "0")
        return int("".join(found) or "0", 2)

    def settled_before(self, colons: int) -> int:
        """Return the states from which a pattern matches every rest of a text that has so many colons.

        Any text may be between the colons, and one letter or more follows the last. The glob may hold several patterns
        side by side.
        """
        size = max(1, self.accept.bit_length())
        masks = (self.accept, self.moves.get(":", 0) & ~self.moved_by_any, self.stars, self.stars_at_colon)
        found: list[str] = []
        passed, has_star, crosses, is_open = 0, False, False, False
        for is_last, is_colon, is_star, is_crossing in zip(*(f"{mask:0{size}b}" for mask in masks), strict=True):
            if is_last == "1":
                passed, has_star, crosses, is_open = 0, False, False, True
            elif is_colon == "1":
                passed, is_open, has_star = passed + 1, is_open and has_star, False
            elif is_star == "1":
                has_star, crosses = True, crosses or is_crossing == "1"
            else:
                is_open = False
            holds = is_open and has_star and (passed == colons or (crosses and passed < colons))
            found.append("1" if holds else "0")
        return int("".join(found), 2)

    def by_missing_letters(self) -> list[int]:
        """Return, for each number n from 0, the states from which at most n more letters complete a pattern."""
        size = max(1, self.accept.bit_length())
        found = [0]
        missing = 0
        for place, (is_last, is_star) in enumerate(zip(f"{self.accept:b}", f"{self.stars:0{size}b}", strict=True)):
            missing = 0 if is_last == "1" else missing + (is_star == "0")
            if missing == len(found):
                found.append(0)
            found[missing] |= 1 << (size - 1 - place)
        return list(accumulate(found, or_))

    def step(self, states: int, character: str) -> int:
        """Return the states after one more character."""
        stay = self.stars_at_colon if character == ":" else self.stars
        states = ((states & self.moves.get(character, self.moved_by_any)) << 1) | (states & stay)
        return states | ((states & self.stars) << 1)

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches."""
        states, stars, moves, moved_by_any = self.start, self.stars, self.moves.get, self.moved_by_any
        for character in text:  # the same as `step`, without a call for each character
            stay = self.stars_at_colon if character == ":" else stars
            states = ((states & moves(character, moved_by_any)) << 1) | (states & stay)
            states |= (states & stars) << 1
            if not states:
                return False
        return bool(states & self.accept)


def compile_glob(tokens: list[Token], *, ignore_case: bool = False) -> Glob:
    """Return a glob of tokens; a string matches itself."""
    flat: list[Token] = []
    for token in tokens:
        if isinstance(token, str):
            flat.extend(token)
        elif not (flat and token in {STAR, STAR_WITHIN} and flat[-1] in {STAR, STAR_WITHIN}):
            flat.append(token)
        elif token == STAR:
            flat[-1] = STAR
    singles: dict[str, int] = {}
    masks = {STAR: 0, ANY: 0, STAR_WITHIN: 0, ANY_WITHIN: 0}
    bit = 1
    for token in flat:
        if isinstance(token, int):
            masks[token] |= bit
        elif ignore_case:
            for letter in {token.lower(), token.upper()}:
                singles[letter] = singles.get(letter, 0) | bit
        else:
            singles[token] = singles.get(token, 0) | bit
        bit <<= 1
    stars, within = masks[STAR] | masks[STAR_WITHIN], masks[ANY] | masks[ANY_WITHIN]
    moves = {letter: mask | within for letter, mask in singles.items()}
    moves[":"] = singles.get(":", 0) | masks[ANY]
    return Glob(1 | ((1 & stars) << 1), bit, frozenset(singles), moves, within, stars, masks[STAR])


def run_together(globs: Sequence[Glob]) -> tuple[Glob, tuple[int, ...]]:
    """Return one automaton that matches all patterns at once, and the states in it that belong to each of them.

    The patterns lie side by side in the bits. An accepting bit moves nowhere, so none runs into its neighbor.
    """
    letters = frozenset[str]().union(*(glob.moves for glob in globs))
    moves = dict.fromkeys(letters, 0)
    start = accept = moved_by_any = stars = stars_at_colon = offset = 0
    spans = []
    for glob in globs:
        start |= glob.start << offset
        accept |= glob.accept << offset
        moved_by_any |= glob.moved_by_any << offset
        stars |= glob.stars << offset
        stars_at_colon |= glob.stars_at_colon << offset
        for letter in letters:
            moves[letter] |= glob.moves.get(letter, glob.moved_by_any) << offset
        width = glob.accept.bit_length()
        spans.append(((1 << width) - 1) << offset)
        offset += width
    named = frozenset[str]().union(*(glob.letters for glob in globs))
    return Glob(start, accept, named, moves, moved_by_any, stars, stars_at_colon), tuple(spans)
