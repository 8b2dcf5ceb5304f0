"""`python -m benchmarks [--small] [NAME...]`: measure, and print one table."""

from __future__ import annotations

import argparse
import importlib
import sys

from rich.console import Console
from rich.table import Table

NAMES = ("rule", "audit", "imports", "outputs", "registration", "pack", "scale", "providers")


def main() -> int:
    """Run the named benchmarks, or all of them."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print one table.")
    arguments.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(NAMES)}; all by default"
    )
    arguments.add_argument(
        "--small", action="store_true", help="the smallest sizes, once: shows that each part runs, not how fast"
    )
    given = arguments.parse_args()
    chosen = given.names or NAMES
    if unknown := [name for name in chosen if name not in NAMES]:
        arguments.error(f"{', '.join(unknown)} is not one of {', '.join(NAMES)}")
    table = Table(title="Ratios against a named peer, measured in this run", title_justify="left")
    for column in ("What", "Ours", "Peer", "Ratio", "Goal"):
        table.add_column(column, justify="right" if column == "Ratio" else "left")
    try:
        for name in chosen:
            for row in importlib.import_module(f"benchmarks.{name}").rows(small=given.small):
                table.add_row(row.what, row.ours, row.peer, f"{row.ratio:.2f}", row.goal)
    finally:  # whatever ends it, what was measured shows
        Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
