"""Long steps show that they go on: a moving line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.status import Status

_PLAIN_SECONDS: Final = 20.0

_PLAIN_WIDTH: Final = 140

console: Final = Console(stderr=True, highlight=False)
if not console.is_terminal:
    console.width = _PLAIN_WIDTH  # a log has no edge to wrap at


@dataclass
class Step:
    """One long step; `tell` says how far it is."""

    name: str
    status: Status | None
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def tell(self, far: str) -> None:
        """Show how far the step is, as often as its place allows."""
        now = time.monotonic()
        text = f"{self.name}: {far} ({now - self.started:.0f} s)"
        if self.status:
            self.status.update(text)
        elif now - self.told > _PLAIN_SECONDS:
            self.told = now
            print(text, file=sys.stderr, flush=True)


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Announce a step, and say how long it took."""
    started = time.monotonic()
    if console.is_terminal:
        with console.status(f"{name} …") as status:
            yield Step(name, status)
    else:
        console.print(f"{name} …")
        yield Step(name, None)
    console.print(f"{name}: done in {time.monotonic() - started:.1f} s")
