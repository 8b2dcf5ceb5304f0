"""Follows many literal texts at once, letter by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = 0
OFF: Final = -1
"""The node of every text that no literal starts with."""


class Trie:
    """The literals as a tree; a text is at one of its nodes, or off it."""

    __slots__ = ("_children", "_texts")

    def __init__(self, texts: Iterable[str]) -> None:
        self._children: list[dict[str, int]] = [{}]
        self._texts: dict[int, str] = {}
        for text in texts:
            node = ROOT
            for letter in text:
                following = self._children[node].get(letter)
                if following is None:
                    following = len(self._children)
                    self._children[node][letter] = following
                    self._children.append({})
                node = following
            self._texts[node] = text

    def step(self, node: int, letter: str) -> int:
        """The node after one more letter."""
        return self._children[node].get(letter, OFF) if node >= 0 else OFF

    def text(self, node: int) -> str | None:
        """The literal that ends at a node."""
        return self._texts.get(node)
