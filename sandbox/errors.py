"""What the sandbox says when it cannot go on."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable


class SandboxError(Exception):
    """One message for the person at the terminal: what is wrong, and what to do."""


def exit_code(work: Callable[[], int | None]) -> int:
    """Run a command and return its exit code: 1 with one message when it cannot go on, 130 when it was interrupted."""
    try:
        return work() or 0
    except SandboxError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; run it again to go on.", file=sys.stderr, flush=True)
        return 128 + signal.SIGINT
