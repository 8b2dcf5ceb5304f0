"""Shows the grants of a stack: a table for the terminal, and a picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from rich.table import Table

from sandbox.granted import SERVICE, Grant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_COLUMNS: Final = ("people", "things", "service")
_TITLES: Final = {"people": "People", "things": "What is granted", "service": "The service and its role"}
_WIDTH, _HEIGHT, _GAP, _ROW, _TOP, _LEFT = 264, 44, 250, 92, 84, 32
_LONGEST_NAME: Final = 28
_LETTER, _LINE = 6, 13
"""Roughly the size of a letter on an arrow."""
_ALONG: Final = (0.4, 0.3, 0.5, 0.22, 0.6, 0.15, 0.7, 0.78)
"""How far along an arrow its label may stand, the best first."""
_Spot = tuple[int, int]
_PALETTE: Final = {"people": "#1f6feb", "service": "#8250df", "things": "#1a7f37"}


def table(grants: Sequence[Grant]) -> Table:
    """Who may do what on what, one row a statement."""
    shown = Table(title="Who may do what", title_justify="left", show_lines=False, header_style="bold")
    for column in ("Who", "May", "On", "By"):
        shown.add_column(column, overflow="fold")
    before = ""
    for grant in grants:
        if grant.who != before:
            shown.add_section()
        may = _actions(grant.may) + (f"\n  provided {grant.provided}" if grant.provided else "")
        shown.add_row(grant.who if grant.who != before else "", may, _brief(grant.on), grant.where)
        before = grant.who
    return shown


def _actions(actions: Sequence[str]) -> str:
    """Actions of one service share its prefix: `kms: Decrypt, DescribeKey`."""
    by_service: dict[str, list[str]] = {}
    for action in actions:
        service, _, name = action.partition(":")
        by_service.setdefault(service, []).append(name)
    return "; ".join(
        f"{service}: {', '.join(names)}" if any(names) else service for service, names in by_service.items()
    )


def _brief(name: str) -> str:
    """A key by the start of its id, which is enough to tell keys apart."""
    kind, _, rest = name.partition(" ")
    return f"key {rest[:8]}…" if kind == "key" else name


def picture(grants: Sequence[Grant], title: str) -> str:
    """An SVG with an arrow for each grant, from people on the left and the service on the right to what is between.

    Screen readers find every grant in its description, and a pointer over an arrow shows its statements.
    """
    assumed = {grant.on for grant in grants if grant.who == SERVICE and grant.on.startswith("role ")}
    names = dict.fromkeys([SERVICE, *(name for grant in grants for name in (grant.who, grant.on))])
    columns: dict[str, list[str]] = {column: [] for column in _COLUMNS}
    for name in names:
        columns[_column(name, assumed)].append(name)
    spots = {
        name: (_LEFT + index * (_WIDTH + _GAP), _TOP + row * _ROW)
        for index, column in enumerate(_COLUMNS)
        for row, name in enumerate(columns[column])
    }
    width = _LEFT * 2 + len(_COLUMNS) * _WIDTH + (len(_COLUMNS) - 1) * _GAP + _LEFT
    height = _TOP + max(len(names) for names in columns.values()) * _ROW
    arrows: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        if grant.who != grant.on:
            arrows.setdefault((grant.who, grant.on), []).append(grant)
    words = "; ".join(f"{grant.who} may {', '.join(grant.may)} on {grant.on}" for grant in grants)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title description">'
    )
    heads = [
        f'<text x="{_LEFT + index * (_WIDTH + _GAP)}" y="66" class="head">{_TITLES[column]}</text>'
        for index, column in enumerate(_COLUMNS)
    ]
    return "\n".join(
        [
            opening,
            f'<title id="title">{escape(title)}</title><desc id="description">{escape(words)}</desc>',
            _STYLE,
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<text x="{_LEFT}" y="32" class="title">{escape(title)}</text>',
            *heads,
            *_arrows({(spots[who], spots[on]): said for (who, on), said in arrows.items()}),
            *(_box(name, _column(name, assumed), *spot) for name, spot in spots.items()),
            "</svg>",
            "",
        ]
    )


def _column(name: str, assumed: set[str]) -> str:
    if name == SERVICE or name in assumed:
        return "service"
    return "people" if name.partition(" ")[0] in {"user", "group", "role", "account"} else "things"


def _box(name: str, column: str, x: int, y: int) -> str:
    kind = name.partition(" ")[0]
    label = name if name in {SERVICE, "everything"} else _brief(name).partition(" ")[2]
    under = {"everything": "any resource", SERVICE: "personalize.amazonaws.com"}.get(name, kind)
    return (
        f'<g><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="#fff" stroke="{_PALETTE[column]}" '
        f'stroke-width="1.5"/>'
        f'<text x="{x + 12}" y="{y + 19}" class="name">{escape(_short(label, _LONGEST_NAME))}</text>'
        f'<text x="{x + 12}" y="{y + 35}" class="kind">{escape(under)}</text></g>'
    )


def _arrows(arrows: Mapping[tuple[_Spot, _Spot], Sequence[Grant]]) -> Iterator[str]:
    """Every arrow, and above them the labels, each where no other stands."""
    taken: list[tuple[_Spot, int]] = []
    labels: list[str] = []
    for (start, end), said in arrows.items():
        curve = _curve(start, end)
        path = "M{},{} C{},{} {},{} {},{}".format(*(number for point in curve for number in point))
        edge = "edge guarded" if any(grant.provided for grant in said) else "edge"
        tip = escape("; ".join(f"{', '.join(grant.may)} by {grant.where} {grant.provided}".strip() for grant in said))
        yield f'<g><title>{tip}</title><path d="{path}" class="{edge}" marker-end="url(#tip)"/></g>'
        actions = list(dict.fromkeys(action for grant in said for action in grant.may))
        label = _short(actions[0], 24) + (f" +{len(actions) - 1}" if len(actions) > 1 else "")
        places = [_point(curve, along) for along in _ALONG]
        x, y = next((place for place in places if _is_free(place, len(label), taken)), places[0])
        taken.append(((x, y), len(label)))
        labels.append(f'<text x="{x}" y="{y}" class="action" text-anchor="middle">{escape(label)}</text>')
    yield from labels


def _curve(start: _Spot, end: _Spot) -> tuple[_Spot, _Spot, _Spot, _Spot]:
    """From box to box as a Bezier curve: straight down within a column, else from side to side."""
    if start[0] == end[0]:
        x = start[0] + _WIDTH // 2
        y1, y2 = start[1] + _HEIGHT, end[1]
        return (x, y1), (x, y1), (x, y2), (x, y2)
    rightward = end[0] > start[0]
    x1, y1 = start[0] + (_WIDTH if rightward else 0), start[1] + _HEIGHT // 2
    x2, y2 = end[0] + (0 if rightward else _WIDTH), end[1] + _HEIGHT // 2
    bend = (x2 - x1) // 2
    return (x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2)


def _point(curve: Sequence[_Spot], t: float) -> _Spot:
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return round(x), round(y) + 4


def _is_free(place: _Spot, letters: int, taken: Sequence[tuple[_Spot, int]]) -> bool:
    return all(
        abs(place[1] - y) >= _LINE or abs(place[0] - x) * 2 >= (letters + others) * _LETTER for (x, y), others in taken
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


_STYLE: Final = (
    "<style>text{font-family:system-ui,sans-serif;fill:#1f2328}.title{font-size:18px;font-weight:600}"
    ".head{font-size:13px;font-weight:600;fill:#59636e}.name{font-size:13px;font-weight:600}"
    ".kind{font-size:11px;fill:#59636e}.action{font-size:10px;fill:#424a53;paint-order:stroke;stroke:#fff;stroke-width:3px}"
    ".edge{fill:none;stroke:#818b98;stroke-width:1.2}.guarded{stroke:#8250df;stroke-width:1.6}</style>"
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#59636e"/></marker></defs>'
)
