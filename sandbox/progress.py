"""Announces long steps and says how many seconds each took; it runs before anything is installed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

_REPORT_EVERY_SECONDS: Final = 20.0


@dataclass
class Step:
    """One long step."""

    name: str
    started: float = field(default_factory=time.monotonic)
    reported: float = field(default_factory=time.monotonic)

    def report(self, progress: str) -> None:
        """Print how far the step is, unless it did so within the last 20 seconds."""
        now = time.monotonic()
        if now - self.reported > _REPORT_EVERY_SECONDS:
            self.reported = now
            say(f"{self.name}: {progress} ({now - self.started:.0f} s)")


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Announce a step, and say how many seconds it took."""
    say(f"{name} …")
    running = Step(name)
    yield running
    say(f"{name}: done in {time.monotonic() - running.started:.1f} s")


def say(text: str) -> None:
    """Print a line of progress to stderr at once, so that it does not mix with what a command prints for its caller."""
    print(text, file=sys.stderr, flush=True)
