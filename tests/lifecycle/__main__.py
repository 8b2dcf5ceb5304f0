"""What is run on the sandbox's engine by hand.

`python -m tests.lifecycle changes` records what a change of each argument does, for the page "What a change does";
`python -m tests.lifecycle life` lives random lives of stacks, until so many changes have happened.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sandbox import cloud
from sandbox.engine import resolve
from sandbox.session import Sandbox
from tests.lifecycle.effects import record
from tests.lifecycle.lives import Life, Tally
from tests.support.attached import attachable
from tests.support.inline import InlineSandbox

Sandboxes = Callable[[str], Sandbox]
"""Makes a sandbox of a name, all on one account."""


@contextmanager
def sandboxes() -> Iterator[Sandboxes]:
    """Open an account with a running provider, as tests have it."""
    with tempfile.TemporaryDirectory(prefix="lifecycle-") as made:
        folder, engine = Path(made), resolve()
        account, home = cloud.start(folder / "moto", detached=False), folder / "home"
        try:
            with attachable(Sandbox(folder / "attached", engine, account, home=home)) as attached:
                yield lambda name: InlineSandbox(folder / name, engine, account, home=home, attached=attached)
        finally:
            account.stop()


def live(changes: int, seed: int) -> None:
    """Live one life after the other, and print what happened; a life that goes wrong is printed, and ends it."""
    tally, began = Tally(), time.monotonic()
    with sandboxes() as sandbox:
        for number in count(seed):
            life = Life(sandbox(f"life-{number}"), number, tally)
            try:
                life.live()
            except BaseException:
                print(f"Life {number}:", *life.log, sep="\n  ", file=sys.stderr)
                raise
            print(f"{tally.changes.total()} changes after life {number}", flush=True)
            if tally.changes.total() >= changes:
                break
    print(f"{number - seed + 1} lives, {(time.monotonic() - began) / 60:.0f} minutes: {tally}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.lifecycle", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("changes", help="record what a change of each argument does")
    lives = commands.add_parser("life", help="live random lives")
    lives.add_argument("--changes", type=int, default=1000, help="how many changes at least; default: 1000")
    lives.add_argument("--seed", type=int, default=1, help="the first life; the others follow; default: 1")
    given = parser.parse_args()
    if given.command == "life":
        live(given.changes, given.seed)
    else:
        with sandboxes() as made:
            record(made("changes"))
