"""Shows the grants of a stack as a table for the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.granted import Grant


def table(grants: Sequence[Grant]) -> Table:
    """Return who may do what on what, one row a statement."""
    shown = Table(title="Who may do what", title_justify="left", show_lines=False, header_style="bold")
    for column in ("Who", "May", "On", "By"):
        shown.add_column(column, overflow="fold")
    before = ""
    for grant in grants:
        if grant.who != before:
            shown.add_section()
        may = actions_in_words(grant.may) + (f"\n  provided {grant.provided}" if grant.provided else "")
        shown.add_row(grant.who if grant.who != before else "", may, brief(grant.on), grant.where)
        before = grant.who
    return shown


def actions_in_words(actions: Sequence[str]) -> str:
    """Return actions with those of one service under its prefix: `kms: Decrypt, DescribeKey`.

    Of many, those with one verb are counted: `personalize: Describe… (21), GetDataInsights`.
    """
    by_service: dict[str, list[str]] = {}
    for action in actions:
        service, _, name = action.partition(":")
        by_service.setdefault(service, []).append(name)
    return "; ".join(
        f"{service}: {', '.join(_counted(names))}" if any(names) else service for service, names in by_service.items()
    )


_MANY: Final = 8
_ALIKE: Final = 3
_VERB: Final = re.compile(r"[A-Z][a-z]+")


def _counted(names: Sequence[str]) -> list[str]:
    """Return names of actions; where they are many, each verb of several once, with how many it has."""
    if len(names) <= _MANY:
        return list(names)
    by_verb: dict[str, list[str]] = {}
    for name in names:
        verb = _VERB.match(name)
        by_verb.setdefault(verb[0] if verb else name, []).append(name)
    return [
        each
        for verb, alike in by_verb.items()
        for each in ([f"{verb}… ({len(alike)})"] if len(alike) >= _ALIKE else alike)
    ]


def brief(name: str) -> str:
    """Return a name; a key's by the start of its id, which is enough to tell keys apart."""
    kind, _, rest = name.partition(" ")
    return f"key {rest[:8]}…" if kind == "key" else name
