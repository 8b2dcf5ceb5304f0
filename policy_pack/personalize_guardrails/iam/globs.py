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
    _moves: dict[str, int]
    """The states that each named character, and the colon, moves on."""
    _moved_by_any: int
    _stars: int
    _stars_at_colon: int

    def step(self, states: int, character: str) -> int:
        """The states after one more character."""
        stay = self._stars_at_colon if character == ":" else self._stars
        states = ((states & self._moves.get(character, self._moved_by_any)) << 1) | (states & stay)
        return states | ((states & self._stars) << 1)

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
