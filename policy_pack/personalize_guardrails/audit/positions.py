"""Finds line and column of the value at a path in JSON or YAML text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

_STEPS: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


class Position(NamedTuple):
    """Line and column in a file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The text that a value was read from, and where the text begins in its file."""

    text: str
    line: int = 1
    column: int = 1
    is_yaml: bool = False

    def position(self, path: str) -> Position:
        """Return where the value at a path begins; if the text does not have it, the innermost value around it."""
        steps = [int(index) if index else name for index, name in _STEPS.findall(path)]
        try:
            if self.is_yaml:
                return _in_yaml(self.text, steps)
            offset = _in_json(self.text, steps)
        except (ValueError, IndexError, RecursionError):
            offset = 0
        breaks = self.text.count("\n", 0, offset)
        if not breaks:
            return Position(self.line, self.column + offset)
        return Position(self.line + breaks, offset - self.text.rindex("\n", 0, offset))


def _in_json(text: str, steps: list[int | str]) -> int:
    """Return the offset of a value; ValueError or IndexError where the text is not JSON."""
    at = _skip(text, 0)
    for step in steps:
        if text[at] not in "{[":
            break
        found = next((start for key, start in _entries(text, at) if key == step), None)
        if found is None:
            break
        at = found
    return at


def _entries(text: str, at: int) -> Iterator[tuple[int | str, int]]:
    """Yield key or index of each entry of an object or array, and the offset of its value."""
    is_object, index = text[at] == "{", 0
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        key: int | str = index
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _in_yaml(text: str, steps: list[int | str]) -> Position:
    """Return the position of a value in YAML."""
    node = _compose(text)
    for step in steps:
        inner: Any = None
        if isinstance(step, int) and node.id == "sequence":
            inner = node.value[step] if step < len(node.value) else None
        elif node.id == "mapping":
            inner = next((value for key, value in node.value if key.value == step), None)
        if inner is None:
            break
        node = inner
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


@lru_cache(maxsize=4)
def _compose(text: str) -> Any:  # noqa: ANN401 - PyYAML is optional
    from personalize_guardrails.extraction.yaml_loader import compose_yaml  # noqa: PLC0415 - PyYAML is optional

    return compose_yaml(text)
