"""Write down what today's code makes.

`python -m tests.compatibility` writes the resources of the reference sets, once the changelog tells what changed;
`python -m tests.compatibility VERSION` records the state of a stack, as the engine keeps it, for that version: before a release.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from sandbox import cloud
from sandbox.engine import resolve
from sandbox.session import Sandbox
from tests.compatibility import recorded, snapshot


def write_resources() -> None:
    """Refuses where a change is not mentioned."""
    today = snapshot.taken()
    changed = snapshot.differences(snapshot.kept(), today)
    if missing := snapshot.unmentioned(changed, snapshot.CHANGELOG.read_text()):
        sys.exit(snapshot.what_to_do(missing))
    snapshot.keep(today)


def record(version: str) -> None:
    """On the sandbox's engine, in an account of its own."""
    with tempfile.TemporaryDirectory() as folder:
        account = cloud.start(Path(folder) / "moto", detached=False)
        try:
            recorded.record(version, Sandbox(Path(folder), resolve(), account))
        finally:
            account.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.compatibility", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", nargs="?", metavar="VERSION")
    given = parser.parse_args()
    record(given.version) if given.version else write_resources()
