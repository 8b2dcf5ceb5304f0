"""The example application passes its own tests, and they notice what they are there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

APPLICATION = Path(__file__).parents[2] / "examples" / "application"


def own_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_its_own_tests_pass() -> None:
    ran = own_tests(APPLICATION)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "5 passed" in ran.stdout


@pytest.mark.parametrize(
    ("written", "mistake", "reported"),
    [
        ('"policy": "least-privilege"', '"policy": "custom"', "That is too wide"),
        ('"uses": ["batch"]', '"uses": ["import"]', "Missing, for example:"),
        ('"confine_to_source": True', '"confine_to_source": False', "BucketPolicy shop-results-bucket"),
        ('"lambda.amazonaws.com"', '"personalize.amazonaws.com"', "Role worker (unguarded)"),
    ],
    ids=["passes any role", "results are not written", "admits other accounts", "unguarded trust"],
)
def test_its_own_tests_notice_a_mistake(tmp_path: Path, written: str, mistake: str, reported: str) -> None:
    copy = tmp_path / "application"
    shutil.copytree(APPLICATION, copy, ignore=shutil.ignore_patterns("__pycache__"))
    stack = copy / "stack.py"
    text = stack.read_text()
    assert written in text
    stack.write_text(text.replace(written, mistake))
    ran = own_tests(copy)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert reported in ran.stdout
