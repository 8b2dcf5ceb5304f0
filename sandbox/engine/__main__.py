"""`python -m sandbox.engine COMMAND`: build a command of the engine, if need be, and print its path."""

from __future__ import annotations

import argparse
import sys

from sandbox.engine.build import ON_DEMAND
from sandbox.engine.resolve import command
from sandbox.errors import SandboxError


def main() -> int:
    """Print the path; 1 with one message when the command cannot be built."""
    arguments = argparse.ArgumentParser(prog="python -m sandbox.engine", description=__doc__)
    arguments.add_argument("command", choices=ON_DEMAND)
    try:
        print(command(arguments.parse_args().command))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
