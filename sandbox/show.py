"""Shows the grants of a stack as a table for the terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from sandbox.granted import Grant


def table(grants: Sequence[Grant]) -> Table:
    """Return who may do what on what, one row a statement."""
    shown = Table(title="Who may do what", title_justify="left", show_lines=False, header_style="bold")
    for column in ("Who", "May", "On", "By"):
        shown.add_column(column, overflow="fold")
    for who, theirs in groupby(grants, key=lambda grant: grant.who):
        shown.add_section()
        for number, grant in enumerate(theirs):
            may = actions_in_words(grant.may) + (f"\n  provided {grant.provided}" if grant.provided else "")
            shown.add_row("" if number else who, may, brief(grant.on), grant.where)
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


def _counted(names: Sequence[str]) -> Iterable[str]:
    """Return names of actions; where they are many, each verb of several once, with how many it has."""
    if len(names) <= _MANY:
        return names
    verbs = {name: re.split(r"(?<=[a-z])(?=[A-Z])", name, maxsplit=1)[0] for name in names}
    counts = Counter(verbs.values())
    shown = (f"{verb}… ({counts[verb]})" if counts[verb] >= _ALIKE else name for name, verb in verbs.items())
    return dict.fromkeys(shown)


def brief(name: str) -> str:
    """Return a name; a key's by the start of its id, which is enough to tell keys apart."""
    kind, _, rest = name.partition(" ")
    return f"key {rest[:8]}…" if kind == "key" else name
