"""`python -m sandbox up | down | run FOLDER`: Pulumi programs on this machine, the policy pack enforced."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sandbox import programs, reference
from sandbox.errors import exit_code
from sandbox.workspace import alone


def main() -> int | None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="provision the reference stack").set_defaults(run=lambda _: reference.up())
    commands.add_parser("down", help="remove all that was made").set_defaults(run=lambda _: reference.down())
    program = commands.add_parser("run", help="run another program: by default, `pulumi up`")
    program.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of its Pulumi.yaml")
    program.add_argument("arguments", nargs=argparse.REMAINDER, metavar="PULUMI ARGUMENTS")
    program.set_defaults(run=lambda given: programs.run(given.folder, given.arguments))
    given = parser.parse_args()
    with alone():
        code: int | None = given.run(given)
        return code


if __name__ == "__main__":
    sys.exit(exit_code(main))
