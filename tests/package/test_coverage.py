"""The pure parts, documents and the trust rule, are covered by their own tests: `[tool.coverage]` has the floor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sandbox.paths import REPOSITORY

TESTS = ("tests/iam", "tests/evaluation", "tests/trust")


def test_the_pure_parts_are_covered_by_their_own_tests(tmp_path: Path) -> None:
    environment = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")}
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=brief", "-k", "not slow", *TESTS]
    commands = [["run", *pytest], ["report", "--skip-covered", "--show-missing"]]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *command],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
