"""Patterns with `*` and `?`, matched by their states all at once, so that no pattern is slow.

A state set is the bits of an integer: bit i says that the first i tokens of the pattern have matched.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    _singles: dict[str, int]
    _any: int
    _any_within: int
    _stars: int
    _stars_within: int
    _all_stars: int

    def step(self, states: int, character: str) -> int:
        """The states after one more character."""
        singles = self._singles.get(character, 0) | self._any
        stars = self._stars
        if character != ":":
            singles |= self._any_within
            stars |= self._stars_within
        states = ((states & singles) << 1) | (states & stars)
        return states | ((states & self._all_stars) << 1)

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        states, step = self.start, self.step
        for character in text:
            states = step(states, character)
            if not states:
                return False
        return bool(states & self.accept)


def compile_glob(tokens: list[Token], *, ignore_case: bool = False) -> Glob:
    """A glob of tokens; a text token stands for itself."""
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
    for index, token in enumerate(flat):
        bit = 1 << index
        if isinstance(token, int):
            masks[token] |= bit
            continue
        for letter in {token.lower(), token.upper()} if ignore_case else {token}:
            singles[letter] = singles.get(letter, 0) | bit
    stars = masks[STAR] | masks[STAR_WITHIN]
    start = 1 | ((1 & stars) << 1)
    accept = 1 << len(flat)
    any_, within = masks[ANY], masks[ANY_WITHIN]
    return Glob(start, accept, frozenset(singles), singles, any_, within, masks[STAR], masks[STAR_WITHIN], stars)
