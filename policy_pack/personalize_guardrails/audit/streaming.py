"""Reads JSON of any length piece by piece, so that the use of memory does not depend on its length.

The json module only decodes whole texts, and a streaming parser in Python takes ten times as long. Here the json module
decodes each element of the long arrays, and the code below parses only what is around these arrays.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.audit.positions import Origin
from personalize_guardrails.extraction.duplicate_keys import DuplicateKeyDecoder, ObjectWithDuplicates, doubled_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Generator, Iterator

_SPACE: Final = re.compile(r"[ \t\n\r\ufeff]*")
_MAY_CONTINUE: Final = frozenset("0123456789.eE+-") | {""}
_CHUNK: Final = 1 << 16
LONGEST_KEPT: Final = 1 << 20
"""Characters. CloudFormation and IAM accept nothing longer, so a longer object is an export."""


class BadJsonError(ValueError):
    """The text is not JSON; the message says where, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value of the text."""

    path: str
    """The path of the array that the value is an element of; empty for a whole value of the text."""
    value: Any
    origin: Origin
    doubled: bool = False
    """Whether a key appears twice with different values anywhere in it, except in elements yielded before."""


class JsonStream:
    """JSON text that is read as needed. `read(n)` returns up to n more characters, and "" at the end."""

    def __init__(self, read: Callable[[int], str], start: str = "") -> None:
        """Begin with `start`, and read the rest with `read`."""
        self._read, self._text, self._at, self._ended = read, start, 0, False
        self._began = 0
        self._decoder = DuplicateKeyDecoder()
        self._around = False
        """Whether a key appears twice in the object around the arrays, with different values."""
        self._kept_from: int | None = None
        self._dropped = 0
        self._counted, self._line, self._line_start = 0, 1, 0
        """The position up to which lines are counted, the number of the last line, and where that line begins."""

    def elements(self, arrays: Container[str], entered: Container[str]) -> Iterator[Element]:
        """Yield the values that follow each other in the text.

        The elements of an object's arrays at the paths in `arrays` are yielded before the object, and left out of it.
        Such arrays are also looked for in the objects at the paths in `entered`. Paths are joined by dots. The elements
        of an outer array are yielded as values.
        """
        while following := self._peek():
            if following == "[":
                yield from self._items("")
            elif following == "{":
                self._kept_from, self._around = self._at, False
                origin = self._origin(self._at)
                members = yield from self._members("", arrays, entered)
                start, self._kept_from = self._kept_from, None
                text = "" if start is None else self._text[start : self._at]
                yield Element("", members, Origin(text, origin.line, origin.column), self._around)
            else:
                raise self._bad("an object is expected")

    def _members(
        self, path: str, arrays: Container[str], entered: Container[str]
    ) -> Generator[Element, None, dict[str, Any]]:
        """Yield the elements of the arrays in an object, and return its other members."""
        members: dict[str, Any] = {}
        for _ in self._between("{", "}"):
            key = self._value()
            if not isinstance(key, str):
                raise self._bad("a key is expected")
            self._take(":")
            place = f"{path}.{key}" if path else key
            value: Any = []
            if place in arrays and self._peek() == "[":
                yield from self._items(place)
            elif place in entered and self._peek() == "{":
                value = yield from self._members(place, arrays, entered)
            else:
                value = self._value()
                self._around = self._around or self._decoder.met
            if key in members and members[key] != value:
                self._around = True
                members = ObjectWithDuplicates(members, {*doubled_keys(members), key})
            members[key] = value
        return members

    def _items(self, path: str) -> Iterator[Element]:
        """Yield the items of the array that is next in the text."""
        for _ in self._between("[", "]"):
            origin = self._origin(self._at)
            value = self._value()
            origin = Origin(self._text[self._began : self._at], origin.line, origin.column)
            yield Element(path, value, origin, self._decoder.met)

    def _between(self, opening: str, closing: str) -> Iterator[None]:
        """Read the brackets around items and the commas between them, and yield before each item."""
        self._take(opening)
        while self._peek() != closing:
            yield
            if self._peek() == ",":
                self._take(",")
                if self._peek() == closing:
                    raise self._bad("a comma too many")
            elif self._peek() != closing:
                raise self._bad("a comma is missing")
        self._take(closing)

    def _value(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the next value; then `_began` is where its text begins, and `_decoder.met` is about this value."""
        self._peek()
        self._decoder.met = False
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise self._bad("a value is expected") from None
            except ValueError:
                raise self._bad("a number is too long") from None
            except RecursionError:
                raise self._bad("it is nested too deeply") from None
            else:
                # A number at the end of the text may continue: "1", then ".", then "5".
                if self._text[end : end + 1] not in _MAY_CONTINUE or not self._more():
                    self._began, self._at = self._at, end
                    return value

    def _take(self, letter: str) -> None:
        if self._peek() != letter:
            raise self._bad(f"{letter} is expected")
        self._at += 1

    def _peek(self) -> str:
        """Return the next character that is not white space, reading on where needed."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read more text, twice as much each time, so that a long value is not scanned many times; False at the end."""
        if self._ended:
            return False
        if self._kept_from is not None and self._at - self._kept_from > LONGEST_KEPT:
            self._kept_from = None
        start = self._at if self._kept_from is None else self._kept_from
        self._origin(start)
        kept = self._text[start:]
        read = self._read(max(_CHUNK, len(kept)))
        self._dropped += start
        self._counted -= start
        self._line_start -= start
        self._text, self._at = kept + read, self._at - start
        if self._kept_from is not None:
            self._kept_from = 0
        self._ended = not read
        return bool(read)

    def _origin(self, at: int) -> Origin:
        """Return line and column of a position, which must not be before the last one that was asked for."""
        if breaks := self._text.count("\n", self._counted, at):
            self._line += breaks
            self._line_start = self._text.rindex("\n", self._counted, at) + 1
        self._counted = max(self._counted, at)
        return Origin("", self._line, at - self._line_start + 1)

    def _bad(self, what: str) -> BadJsonError:
        return BadJsonError(f"it is not JSON at character {self._dropped + self._at}: {what}")
