"""A picture of the grants of a stack: who on the left, what they may do in the middle, on what on the right.

Every label has a place of its own, and lines run only where no label is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from statistics import mean
from typing import Final

from sandbox.granted import SERVICE, Grant
from sandbox.show import actions_in_words, brief

_MARGIN, _TOP, _BOTTOM = 32, 92, 24
_WHO_WIDTH, _MAY_WIDTH, _ON_WIDTH = 240, 400, 240
_NEAR, _FAR = 44, 170
"""Widths of the gaps between the columns, for lines."""
_WHO: Final = _MARGIN
_MAY: Final = _WHO + _WHO_WIDTH + _NEAR
_ON: Final = _MAY + _MAY_WIDTH + _FAR
"""Where the columns begin."""
_HEADS: Final = {"Who": _WHO, "May": _MAY, "On": _ON}
_WIDTH: Final = _ON + _ON_WIDTH + _MARGIN
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

    lines: Sequence[tuple[str, str]]
    color: str
    width: int
    x: int
    y: int = 0
    least: int = 0
    """How high it is at least."""

    @property
    def height(self) -> int:
        return max(self.least, len(self.lines) * _LINE + 2 * _PAD)

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    def draw(self) -> Iterator[str]:
        yield (
            f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="8" fill="#fff" '
            f'stroke="{self.color}" stroke-width="1.5"/>'
        )
        for number, (style, text) in enumerate(self.lines, 1):
            y = self.y + _PAD + number * _LINE - 4
            yield f'<text x="{self.x + 12}" y="{y}" class="{style}">{escape(text)}</text>'


@dataclass(frozen=True, slots=True)
class _Row:
    """What one card may do on one thing."""

    on: str
    grants: Sequence[Grant]
    box: _Box


@dataclass(frozen=True, slots=True)
class _Card:
    """Those who may do the very same."""

    box: _Box
    rows: Sequence[_Row]


def picture(grants: Sequence[Grant], title: str) -> str:
    """Draw the grants as SVG. Screen readers find every one in its description; pointers, the kinds of policies."""
    cards = list(_lay_out(grants))
    things = _things(cards)
    bottom = max([_TOP, *(card.box.y + card.box.height + 2 * _GAP for card in cards)])
    height = max(bottom, _TOP + sum(box.height + _GAP for box in things.values())) + _BOTTOM
    things = _spread(things, height - _TOP - _BOTTOM)
    words = "; ".join(f"{grant.who} may {', '.join(grant.may)} on {grant.on}" for grant in grants)
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title><desc id="description">{escape(words)}</desc>',
        _STYLE,
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="32" class="title">{escape(title)}</text>',
        *(f'<text x="{x}" y="70" class="head">{head}</text>' for head, x in _HEADS.items()),
    ]
    for card in cards:
        for row in card.rows:
            parts += _draw(row, things[row.on])
        parts += card.box.draw()
    for box in things.values():
        parts += box.draw()
    return "\n".join([*parts, "</svg>", ""])


def _lay_out(grants: Sequence[Grant]) -> Iterator[_Card]:
    """Give a card for those who may do the same; people first, the service and what it assumes last."""
    by_name: dict[str, dict[str, list[Grant]]] = {}
    for grant in grants:
        by_name.setdefault(grant.who, {}).setdefault(grant.on, []).append(grant)
    alike: dict[object, list[str]] = {}
    for name, things in by_name.items():
        same = tuple((on, tuple((each.may, each.provided) for each in each_on)) for on, each_on in things.items())
        alike.setdefault(same, []).append(name)
    assumed = {grant.on for grant in grants if grant.who == SERVICE}
    top = _TOP
    for names in sorted(alike.values(), key=lambda names: (names[0] == SERVICE, names[0] in assumed, names[0])):
        rows: list[_Row] = []
        y = top
        for on, each in by_name[names[0]].items():
            rows.append(_Row(on, each, _Box(list(_described(each)), "#d0d7de", _MAY_WIDTH, _MAY, y)))
            y += rows[-1].box.height + _GAP
        lines = [("name", line) for name in names for line in textwrap.wrap(name, _NAME_LETTERS)]
        color = _COLORS["service" if SERVICE in names else "people"]
        box = _Box(lines, color, _WHO_WIDTH, _WHO, top, least=y - _GAP - top)
        yield _Card(box, rows)
        top += box.height + 2 * _GAP


def _described(grants: Sequence[Grant]) -> Iterator[tuple[str, str]]:
    for grant in grants:
        provided = f"provided {grant.provided}" if grant.provided else ""
        for style, text in (("action", actions_in_words(grant.may)), ("provided", provided)):
            for line in textwrap.wrap(text, _LABEL_LETTERS, break_on_hyphens=False):  # regions have hyphens
                yield style, line


def _things(cards: Sequence[_Card]) -> dict[str, _Box]:
    """Return the things in the order of the rows that lead to them, so that few lines cross."""
    leading: dict[str, list[int]] = {}
    for card in cards:
        for row in card.rows:
            leading.setdefault(row.on, []).append(row.box.y)
    ordered = sorted(leading, key=lambda on: mean(leading[on]))
    return {on: _Box(list(_named(on)), _COLORS["things"], _ON_WIDTH, _ON) for on in ordered}


def _spread(things: Mapping[str, _Box], height: int) -> dict[str, _Box]:
    """Return the things evenly over the height."""
    free = max(_GAP, (height - sum(box.height for box in things.values())) // max(1, len(things)))
    spread, y = {}, _TOP + (free - _GAP) // 2
    for name, box in things.items():
        spread[name] = replace(box, y=y)
        y += box.height + free
    return spread


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


def _draw(row: _Row, thing: _Box) -> Iterator[str]:
    """Draw a row of a card, a line from the card to it, and an arrow from it to its thing."""
    tip = escape("; ".join(f"{', '.join(each.may)} by {each.where} {each.provided}".strip() for each in row.grants))
    style = "edge guarded" if any(each.provided for each in row.grants) else "edge"
    start, bend = _MAY + _MAY_WIDTH, _FAR // 2
    y, end = row.box.middle, thing.middle
    curve = f"M{start},{y} C{start + bend},{y} {_ON - bend},{end} {_ON},{end}"
    yield f'<g><title>{tip}</title><path d="M{_WHO + _WHO_WIDTH},{y} H{_MAY}" class="{style}"/>'
    yield f'<path d="{curve}" class="{style}" marker-end="url(#tip)"/>'
    yield from row.box.draw()
    yield "</g>"
