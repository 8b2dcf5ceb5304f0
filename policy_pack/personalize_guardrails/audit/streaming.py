"""Reads JSON of any length: the elements of its outer arrays one at a time, so that memory does not grow with it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SPACE: Final = re.compile(r"[ \t\n\r\ufeff]*")
_MAY_GO_ON: Final = frozenset("0123456789.eE+-") | {""}
_CHUNK: Final = 1 << 16
_DECODER: Final = json.JSONDecoder()


class BadJsonError(ValueError):
    """The text is not JSON; the message says where, and quotes nothing."""


class JsonStream:
    """A text that is read as it is needed. `read(n)` gives up to n more characters, and none at the end."""

    def __init__(self, read: Callable[[int], str], start: str = "") -> None:
        self._read, self._text, self._at, self._before, self._ended = read, start, 0, 0, False

    def elements(self, containers: frozenset[str]) -> Iterator[tuple[str, Any]]:
        """Path and value of every member of the objects that follow each other in the text.

        Arrays in them come element by element, after their path with "[" behind it; objects at a path in `containers`
        are entered. Paths are joined by dots.
        """
        while self._peek():
            if self._peek() != "{":
                raise self._bad("an object is expected")
            yield "{", None
            yield from self._members("", containers)
            yield "}", None

    def _members(self, path: str, containers: frozenset[str]) -> Iterator[tuple[str, Any]]:
        self._take("{")
        while self._peek() != "}":
            key = self._value()
            if not isinstance(key, str):
                raise self._bad("a key is expected")
            self._take(":")
            place = f"{path}.{key}" if path else key
            if self._peek() == "[":
                yield f"{place}[", None
                yield from ((place, each) for each in self._items())
            elif self._peek() == "{" and place in containers:
                yield from self._members(place, containers)
            else:
                yield place, self._value()
            self._comma("}")
        self._take("}")

    def _items(self) -> Iterator[Any]:
        self._take("[")
        while self._peek() != "]":
            yield self._value()
            self._comma("]")
        self._take("]")

    def _comma(self, end: str) -> None:
        if self._peek() == ",":
            self._take(",")
            if self._peek() == end:
                raise self._bad("a comma too many")
        elif self._peek() != end:
            raise self._bad("a comma is missing")

    def _value(self) -> Any:  # noqa: ANN401 - any JSON value
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise self._bad("a value is expected") from None
            except RecursionError:
                raise self._bad("it is nested too deeply") from None
            else:
                # A number at the edge may go on: "1" and then ".", and then "5".
                if self._text[end : end + 1] not in _MAY_GO_ON or not self._more():
                    self._at = end
                    return value

    def _take(self, letter: str) -> None:
        if self._peek() != letter:
            raise self._bad(f"{letter} is expected")
        self._at += 1

    def _peek(self) -> str:
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read as much again as is held, so that a long value is not scanned over and over."""
        if self._ended:
            return False
        kept = self._text[self._at :]
        read = self._read(max(_CHUNK, len(kept)))
        self._before += self._at
        self._text, self._at = kept + read, 0
        self._ended = not read
        return bool(read)

    def _bad(self, what: str) -> BadJsonError:
        return BadJsonError(f"it is not JSON at character {self._before + self._at}: {what}")
