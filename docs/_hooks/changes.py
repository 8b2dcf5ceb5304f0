"""Writes the tables of "What a change does" from a recorded run, where a page has `<!-- changes of arguments -->`.

`python -m tests.lifecycle changes` records it, and tests run it again. With `of identities` the table is that of
applications, readers and data scientists; with `of the provider` that of the provider.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

_MARK: Final = re.compile(r"<!-- changes of (arguments|identities|the provider) -->")
_RECORDED: Final = Path(__file__).parents[1] / "data/changes.json"
_TABLE_OF: Final = {
    "applications": "identities",
    "readers": "identities",
    "data_scientists": "identities",
    "provider": "the provider",
}
"""In which table the rows of an argument are; all others are in that of the arguments."""


def on_page_markdown(markdown: str, **_others: object) -> str:
    """Put each table where its mark is."""
    return _MARK.sub(lambda mark: table(mark[1]), markdown)


def table(of: str) -> str:
    """Return one table: a row for each recorded change."""
    recorded = [row for row in _recorded() if _table_of(row["argument"]) == of]
    order = list(dict.fromkeys(row["argument"] for row in recorded))
    rows = [
        f"| `{row['argument']}` | {row['change']} | {_outcome(row)} | {_details(row)} | {_outputs(row)} |"
        for row in sorted(recorded, key=lambda row: order.index(row["argument"]))
    ]
    head = "| argument | new value | result | resources | outputs that change |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _table_of(argument: str) -> str:
    return _TABLE_OF.get(argument.partition(".")[0], "arguments")


@cache
def _recorded() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_RECORDED.read_text("utf-8"))
    return rows


def _outcome(row: dict[str, Any]) -> str:
    """Return the result in a few words."""
    if "refused" in row:
        return "refused in the preview"
    done = {operation.partition(",")[0] for counts in row["resources"].values() for operation in counts}
    if not done:
        return "nothing changes"
    if done == {"updated"}:
        return "updated in place"
    return ", ".join(each for each in ("replaced", "created", "deleted", "no longer managed") if each in done)


def _details(row: dict[str, Any]) -> str:
    """Return what was done to which types of resources, or what the preview said."""
    if "refused" in row:
        return str(row["refused"])
    by_operation: dict[str, list[str]] = {}
    for kind, counts in row["resources"].items():
        for operation, count in counts.items():
            times = f" (×{count})" if count > 1 else ""  # noqa: RUF001 - the sign for times
            by_operation.setdefault(operation, []).append(f"`{_short(kind)}`{times}")
    return "<br>".join(f"{operation}: {', '.join(kinds)}" for operation, kinds in by_operation.items())


def _short(kind: str) -> str:
    """Return a type as programs write it: `aws:iam/role:Role` is `iam.Role`."""
    return f"{kind.split(':')[1].partition('/')[0]}.{kind.rpartition(':')[2]}"


def _outputs(row: dict[str, Any]) -> str:
    return ", ".join(f"`{output}`" for output in row.get("outputs", ()))
