"""Every part of the benchmarks runs, at its smallest size."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.__main__ import NAMES
from sandbox import plugins
from sandbox.paths import REPOSITORY


@pytest.mark.engine
@pytest.mark.parametrize("name", NAMES)
def test_a_part_runs_and_gives_rows(name: str) -> None:
    environment = {variable: value for variable, value in os.environ.items() if variable != plugins.CHOICE}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--small", name],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("│")]
    assert rows or (name == "providers" and "no real AWS provider" in done.stderr)
