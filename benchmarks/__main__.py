"""`python -m benchmarks [NAME...]`: measure, and print one table."""

from __future__ import annotations

import importlib
import sys

from rich.console import Console
from rich.table import Table

NAMES = ("rule", "imports", "registration", "pack")


def main() -> int:
    """Run the named benchmarks, or all of them."""
    table = Table(title="Ratios against a named peer, measured in this run", title_justify="left")
    for column in ("What", "Ours", "Peer", "Ratio", "Goal"):
        table.add_column(column, justify="right" if column == "Ratio" else "left")
    console = Console()
    for name in sys.argv[1:] or NAMES:
        with console.status(f"Measuring {name} …"):
            for row in importlib.import_module(f"benchmarks.{name}").rows():
                table.add_row(row.what, row.ours, row.peer, f"{row.ratio:.2f}", row.goal)
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
