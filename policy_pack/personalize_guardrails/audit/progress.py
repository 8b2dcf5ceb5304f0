"""Shows the progress of a long audit on a terminal, if rich is installed."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from personalize_guardrails.audit.report import Result

_SHOW_AFTER: Final = 1.0
_UPDATE_EVERY: Final = 0.1


def with_progress(results: Iterable[Result], writes: Callable[[Result], bool]) -> Iterator[Result]:
    """Yield the results and show a status line on a terminal, which is removed before the report writes to it.

    `writes` returns whether the report writes something for a result immediately.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - optional, and slow to load
        from rich.text import Text  # noqa: PLC0415 - the same
    except ImportError:
        yield from results
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from results
        return
    status, shares_terminal, shown, last = console.status(""), sys.stdout.isatty(), False, monotonic() + _SHOW_AFTER
    try:
        for count, result in enumerate(results, 1):
            if shares_terminal and writes(result):
                status.stop()
                shown = False
            elif monotonic() - last > _UPDATE_EVERY:
                last = monotonic()
                line = f"{count:,} trust policies checked, now in {escape_unprintable(result.file)}"
                status.update(Text(line, no_wrap=True, overflow="ellipsis"))
                if not shown:
                    status.start()
                    shown = True
            yield result
    finally:
        status.stop()
