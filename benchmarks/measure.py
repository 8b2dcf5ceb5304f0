"""Measures time and memory: the fastest of several runs counts, and what takes long is announced."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil

from sandbox.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SAMPLE_SECONDS: Final = 0.5
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `goal` says what `ratio` should be, such as `<= 1.1`."""

    what: str
    ours: str
    peer: str
    ratio: float
    goal: str


@dataclass(frozen=True, slots=True)
class Cost:
    """The seconds that one run took, and the most memory that its processes held together."""

    seconds: float
    megabytes: float


def fastest(run: Callable[[], object], repeats: int) -> float:
    """Return the seconds of the fastest of several runs."""
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return best


def timed(what: str, run: Callable[[], object], repeats: int = 1) -> float:
    """Return `fastest` of something that takes its time, with a line of progress."""
    with step(what):
        return fastest(run, repeats)


def cost(what: str, run: Callable[[], object], *, apart: int) -> Cost:
    """Return the cost of one run, without the process `apart` and its children, with a line of progress."""
    with step(what), _watched(apart) as peak:
        started = time.perf_counter()
        run()
        took = time.perf_counter() - started
    return Cost(took, peak[0] / _MEGABYTE)


@contextlib.contextmanager
def _watched(apart: int) -> Iterator[list[int]]:
    """Sample the resident memory of all children and keep its peak; pages that they share count for each of them."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(_SAMPLE_SECONDS):
            with contextlib.suppress(psutil.Error):  # one of them ended meanwhile: the next look will do
                peak[0] = max(peak[0], sum(each.memory_info().rss for each in _descendants(apart)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _descendants(apart: int) -> Iterator[psutil.Process]:
    for child in psutil.Process(os.getpid()).children():
        if child.pid != apart:
            yield child
            yield from child.children(recursive=True)


def seconds(value: float) -> str:
    """Return a time in a unit that reads well."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:.2f} {unit}"
    return f"{value * 1e9:.0f} ns"


def megabytes(value: float) -> str:
    """Return a size of memory in megabytes."""
    return f"{value:.0f} MB"
