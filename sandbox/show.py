"""Shows the grants of a stack as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """Return actions with those of one service under its prefix: `kms: Decrypt, DescribeKey`."""
    by_service: dict[str, list[str]] = {}
    for action in actions:
        service, _, name = action.partition(":")
        by_service.setdefault(service, []).append(name)
    return "; ".join(
        f"{service}: {', '.join(names)}" if any(names) else service for service, names in by_service.items()
    )


def brief(name: str) -> str:
    """Return a name; a key's by the start of its id, which is enough to tell keys apart."""
    kind, _, rest = name.partition(" ")
    return f"key {rest[:8]}…" if kind == "key" else name
