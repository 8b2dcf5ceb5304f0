"""`python -m sandbox up | down | run FOLDER`: Pulumi programs on this machine, the policy pack enforced."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import Final

from sandbox import programs, reference
from sandbox.errors import SandboxError
from sandbox.progress import say
from sandbox.workspace import alone

_INTERRUPTED: Final = 128 + signal.SIGINT


def main() -> int:
    """Run one command; 1 with one message when it cannot, 130 when it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="provision the reference stack").set_defaults(run=lambda _: reference.up())
    commands.add_parser("down", help="remove all that was made").set_defaults(run=lambda _: reference.down())
    program = commands.add_parser("run", help="run another program: by default, `pulumi up`")
    program.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of its Pulumi.yaml")
    program.add_argument("arguments", nargs=argparse.REMAINDER, metavar="PULUMI ARGUMENTS")
    program.set_defaults(run=lambda given: programs.run(given.folder, given.arguments))
    given = parser.parse_args()
    try:
        with alone():
            return int(given.run(given) or 0)
    except SandboxError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; run it again to go on.")
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
