"""A picture of the grants of a stack: who on the left, what they may do in the middle, on what on the right.

Every label has a place of its own, and lines run only where no label is.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from sandbox.granted import SERVICE, Grant
from sandbox.show import actions_in_words, brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MARGIN, _TOP, _BOTTOM = 32, 92, 24
_WHO, _MAY, _ON = 240, 400, 240
"""Widths of the columns."""
_NEAR, _FAR = 44, 170
"""Widths of the gaps between them, for lines."""
_WIDTH: Final = 2 * _MARGIN + _WHO + _NEAR + _MAY + _FAR + _ON
_NAME_LETTERS, _LABEL_LETTERS = 28, 54
"""How many letters a line holds, so that it fits in any usual font."""
_LINE, _PAD, _GAP = 16, 9, 12
_COLORS: Final = {"people": "#1f6feb", "service": "#8250df", "things": "#1a7f37"}
_STYLE: Final = (
    "<style>text{font-family:system-ui,sans-serif;fill:#1f2328}.title{font-size:18px;font-weight:600}"
    ".head{font-size:13px;font-weight:600;fill:#59636e}.name{font-size:13px;font-weight:600}"
    ".kind,.provided{font-size:11px;fill:#59636e}.action{font-size:12px}"
    ".edge{fill:none;stroke:#818b98;stroke-width:1.2}.guarded{stroke:#8250df;stroke-width:1.6}</style>"
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#59636e"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class _Box:
    """A frame with lines of text, each with its class in the style."""

    lines: tuple[tuple[str, str], ...]
    color: str
    width: int

    @property
    def height(self) -> int:
        return len(self.lines) * _LINE + 2 * _PAD

    def drawn(self, x: int, y: int, height: int = 0) -> Iterator[str]:
        """Return the frame, as high as is asked for, and the text in it."""
        yield (
            f'<rect x="{x}" y="{y}" width="{self.width}" height="{height or self.height}" rx="8" fill="#fff" '
            f'stroke="{self.color}" stroke-width="1.5"/>'
        )
        for number, (style, text) in enumerate(self.lines, 1):
            yield f'<text x="{x + 12}" y="{y + _PAD + number * _LINE - 4}" class="{style}">{escape(text)}</text>'


@dataclass(frozen=True, slots=True)
class _Row:
    """What one card may do on one thing."""

    on: str
    grants: tuple[Grant, ...]

    @property
    def box(self) -> _Box:
        lines: list[tuple[str, str]] = []
        for grant in self.grants:
            lines += [("action", line) for line in _wrapped(actions_in_words(grant.may))]
            provided = f"provided {grant.provided}" if grant.provided else ""
            lines += [("provided", line) for line in _wrapped(provided)]
        return _Box(tuple(lines), "#d0d7de", _MAY)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _LABEL_LETTERS, break_on_hyphens=False)  # regions have hyphens


@dataclass(frozen=True, slots=True)
class _Card:
    """Those who may do the very same."""

    names: tuple[str, ...]
    rows: tuple[_Row, ...]

    @property
    def box(self) -> _Box:
        lines = [("name", line) for name in self.names for line in textwrap.wrap(name, _NAME_LETTERS)]
        is_service = any(name == SERVICE for name in self.names)
        return _Box(tuple(lines), _COLORS["service" if is_service else "people"], _WHO)

    @property
    def height(self) -> int:
        return max(self.box.height, sum(row.box.height for row in self.rows) + _GAP * (len(self.rows) - 1))


def picture(grants: Sequence[Grant], title: str) -> str:
    """Draw the grants as SVG. Screen readers find every one in its description; pointers, the kinds of policies."""
    cards = _cards(grants)
    words = "; ".join(f"{grant.who} may {', '.join(grant.may)} on {grant.on}" for grant in grants)
    rows, y = {}, _TOP  # where each row is, by card and number
    for number, card in enumerate(cards):
        at = y
        for row in card.rows:
            rows[number, row.on] = at
            at += row.box.height + _GAP
        y += card.height + 2 * _GAP
    things = _things(cards, rows)
    height = max(y, _TOP + sum(box.height + _GAP for box in things.values())) + _BOTTOM
    spots = _spread(things, height - _TOP - _BOTTOM)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title description">'
    )
    parts = [
        opening,
        f'<title id="title">{escape(title)}</title><desc id="description">{escape(words)}</desc>',
        _STYLE,
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="32" class="title">{escape(title)}</text>',
        *(f'<text x="{x}" y="70" class="head">{head}</text>' for x, head in zip(_columns(), _HEADS, strict=True)),
    ]
    y = _TOP
    for number, card in enumerate(cards):
        parts += _drawn(card, y, {row.on: rows[number, row.on] for row in card.rows}, things, spots)
        y += card.height + 2 * _GAP
    for name, box in things.items():
        parts += box.drawn(_columns()[2], spots[name])
    return "\n".join([*parts, "</svg>", ""])


_HEADS: Final = ("Who", "May", "On")


def _columns() -> tuple[int, int, int]:
    may = _MARGIN + _WHO + _NEAR
    return _MARGIN, may, may + _MAY + _FAR


def _cards(grants: Sequence[Grant]) -> list[_Card]:
    """Put those together who may do the same; people first, the service and what it assumes last."""
    by_name: dict[str, dict[str, list[Grant]]] = {}
    for grant in grants:
        by_name.setdefault(grant.who, {}).setdefault(grant.on, []).append(grant)
    alike: dict[object, list[str]] = {}
    for name, things in by_name.items():
        same = tuple((on, tuple((each.may, each.provided) for each in each_on)) for on, each_on in things.items())
        alike.setdefault(same, []).append(name)
    assumed = {grant.on for grant in grants if grant.who == SERVICE}
    ordered = sorted(alike.values(), key=lambda names: (names[0] == SERVICE, names[0] in assumed, names[0]))
    return [
        _Card(tuple(names), tuple(_Row(on, tuple(each)) for on, each in by_name[names[0]].items())) for names in ordered
    ]


def _things(cards: Sequence[_Card], rows: Mapping[tuple[int, str], int]) -> dict[str, _Box]:
    """Return the things in the order of the rows that lead to them, so that few lines cross."""
    leading: dict[str, list[int]] = {}
    for number, card in enumerate(cards):
        for row in card.rows:
            leading.setdefault(row.on, []).append(rows[number, row.on])
    ordered = sorted(leading, key=lambda on: sum(leading[on]) / len(leading[on]))
    return {on: _Box(tuple(_named(on)), _COLORS["things"], _ON) for on in ordered}


def _spread(things: Mapping[str, _Box], height: int) -> dict[str, int]:
    """Return where each thing is, evenly over the height."""
    free = max(_GAP, (height - sum(box.height for box in things.values())) // max(1, len(things)))
    spots, y = {}, _TOP + (free - _GAP) // 2
    for name, box in things.items():
        spots[name] = y
        y += box.height + free
    return spots


_KINDS: Final = frozenset(
    {"user", "group", "role", "account", "bucket", "key", "policy", "campaign", "recommender", "filter", "dataset"}
)


def _named(name: str) -> Iterator[tuple[str, str]]:
    """Return the lines of a thing: what it is called, and below it its kind where it has one."""
    kind, _, called = brief(name).partition(" ")
    if kind not in _KINDS:
        kind, called = "", name
    yield from (("name", line) for line in textwrap.wrap(called, _NAME_LETTERS))
    if kind:
        yield "kind", kind


def _drawn(
    card: _Card, y: int, rows: Mapping[str, int], things: Mapping[str, _Box], spots: Mapping[str, int]
) -> Iterator[str]:
    """Return a card with its rows, a line from it to each, and an arrow from each to its thing."""
    who, may, on = _columns()
    for row in card.rows:
        middle = rows[row.on] + row.box.height // 2
        thing = spots[row.on] + things[row.on].height // 2
        tip = escape("; ".join(f"{', '.join(each.may)} by {each.where} {each.provided}".strip() for each in row.grants))
        style = "edge guarded" if any(each.provided for each in row.grants) else "edge"
        start, bend = may + _MAY, _FAR // 2
        curve = f"M{start},{middle} C{start + bend},{middle} {on - bend},{thing} {on},{thing}"
        yield f'<g><title>{tip}</title><path d="M{who + _WHO},{middle} H{may}" class="{style}"/>'
        yield f'<path d="{curve}" class="{style}" marker-end="url(#tip)"/>'
        yield from row.box.drawn(may, rows[row.on])
        yield "</g>"
    yield from card.box.drawn(who, y, card.height)
