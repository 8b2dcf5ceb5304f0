"""Says on a terminal how far a long audit is."""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from personalize_guardrails.audit.report import Result

_SHOW_AFTER: Final = 1.0
_SHOW_EVERY: Final = 0.1
_USUAL_WIDTH: Final = 80
_CLEAR: Final = "\r\033[K"


def with_progress(results: Iterable[Result], writes: Callable[[Result], bool]) -> Iterator[Result]:
    """The results; on a terminal, long input shows how far it is, on one line that is gone before anything is written.

    `writes` tells whether the report writes a result as it comes.
    """
    if not sys.stderr.isatty():
        yield from results
        return
    shares = sys.stdout.isatty()
    started = last = monotonic()
    shown = False
    for count, result in enumerate(results, 1):
        now = monotonic()
        if now - started > _SHOW_AFTER and now - last > _SHOW_EVERY:
            last, shown = now, True
            said = f"{count} trust policies judged, now in {escape_unprintable(result.file)}"
            sys.stderr.write(f"\r{said[: _width() - 1]}\033[K")  # a longer one would go on in the next line, and stay
            sys.stderr.flush()
        if shown and shares and writes(result):
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            shown = False
        yield result
    if shown:
        sys.stderr.write(_CLEAR)


def _width() -> int:
    return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_WIDTH
