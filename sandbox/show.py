"""Shows the grants of a stack: a table for the terminal, and a picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from rich.table import Table

from sandbox.granted import SERVICE, Grant

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS: Final = ("people", "service", "role", "things")
_TITLES: Final = {"people": "People", "service": "The service", "role": "Roles", "things": "What is granted"}
_WIDTH, _HEIGHT, _GAP, _ROW, _TOP, _LEFT = 230, 44, 190, 66, 84, 32
_PALETTE: Final = {"people": "#1f6feb", "service": "#8250df", "role": "#bf3989", "things": "#1a7f37"}


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
    """An SVG of people, service, roles, buckets and keys, with an arrow for each grant; readable by screen readers."""
    columns: dict[str, list[str]] = {column: [] for column in _COLUMNS}
    for name in dict.fromkeys(name for grant in grants for name in (grant.who, grant.on)):
        columns[_column(name)].append(name)
    spots = {
        name: (_LEFT + index * (_WIDTH + _GAP), _TOP + row * _ROW)
        for index, column in enumerate(_COLUMNS)
        for row, name in enumerate(columns[column])
    }
    width = _LEFT * 2 + len(_COLUMNS) * _WIDTH + (len(_COLUMNS) - 1) * _GAP
    height = _TOP + max(len(names) for names in columns.values()) * _ROW + _LEFT
    heads = [
        f'<text x="{_LEFT + index * (_WIDTH + _GAP)}" y="66" class="head">{_TITLES[column]}</text>'
        for index, column in enumerate(_COLUMNS)
    ]
    arrows: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        if grant.who != grant.on:
            arrows.setdefault((grant.who, grant.on), []).append(grant)
    body = [*(_arrow(spots[who], spots[on], said) for (who, on), said in arrows.items())]
    body += [_box(name, _column(name), *spot) for name, spot in spots.items()]
    words = "; ".join(f"{grant.who} may {', '.join(grant.may)} on {grant.on}" for grant in grants)
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                f'height="{height}" role="img" aria-labelledby="title description">'
            ),
            f'<title id="title">{escape(title)}</title><desc id="description">{escape(words)}</desc>',
            _STYLE,
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<text x="{_LEFT}" y="32" class="title">{escape(title)}</text>',
            *heads,
            *body,
            "</svg>",
            "",
        ]
    )


def _column(name: str) -> str:
    kind = name.split(" ", 1)[0]
    if name == SERVICE:
        return "service"
    if kind == "role":
        return "role"
    return "people" if kind in {"user", "group", "account"} else "things"


def _box(name: str, column: str, x: int, y: int) -> str:
    kind = name.partition(" ")[0]
    label = name if name in {SERVICE, "everything"} else _brief(name).partition(" ")[2]
    under = {"everything": "any resource", SERVICE: "personalize.amazonaws.com"}.get(name, kind)
    return (
        f'<g><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="#fff" stroke="{_PALETTE[column]}" '
        f'stroke-width="1.5"/><text x="{x + 12}" y="{y + 19}" class="name">{escape(_short(label, 30))}</text>'
        f'<text x="{x + 12}" y="{y + 35}" class="kind">{escape(under)}</text></g>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int], said: Sequence[Grant]) -> str:
    forward = end[0] > start[0]
    x1, y1 = start[0] + (_WIDTH if forward else 0), start[1] + _HEIGHT // 2
    x2, y2 = end[0] + (0 if forward else _WIDTH), end[1] + _HEIGHT // 2
    bend = (x2 - x1) // 2
    actions = list(dict.fromkeys(action for grant in said for action in grant.may))
    guarded = any(grant.provided for grant in said)
    label = _short(actions[0], 24) + (f" +{len(actions) - 1}" if len(actions) > 1 else "")
    tip = escape(
        "; ".join(
            f"{', '.join(grant.may)} ({grant.where}{', ' + grant.provided if grant.provided else ''})" for grant in said
        )
    )
    # Each label sits a third of the way along its own curve, where the arrows of one box have parted.
    t = 0.36
    curve_x = (1 - t) ** 3 * x1 + 3 * (1 - t) ** 2 * t * (x1 + bend) + 3 * (1 - t) * t**2 * (x2 - bend) + t**3 * x2
    curve_y = (1 - t) ** 3 * y1 + 3 * (1 - t) ** 2 * t * y1 + 3 * (1 - t) * t**2 * y2 + t**3 * y2
    return (
        f'<g><title>{tip}</title><path d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}" '
        f'class="edge{" guarded" if guarded else ""}" marker-end="url(#tip)"/>'
        f'<text x="{curve_x:.0f}" y="{curve_y - 4:.0f}" class="action" text-anchor="middle">{escape(label)}</text></g>'
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
