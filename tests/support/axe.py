"""Deque's axe-core, which looks for what makes a page hard to use with assistive technology."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from typing import Any

import pytest

from sandbox.paths import cache
from tests.support.chromium import Page

VERSION = "4.10.3"
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    """Every rule that the page breaks, and where."""
    page.run(_source())
    found = page.run(f"axe.run({RULES})")
    assert len(found["passes"]) > 20
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]]


def _source() -> str:
    """The library, fetched once for all clones."""
    folder = cache() / "node" / f"axe-core-{VERSION}"
    script = folder / "node_modules/axe-core/axe.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not script.exists():
            npm = shutil.which("npm")
            if not npm:
                pytest.skip("npm is not installed, and axe-core comes from there")
            command = [npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run([*command, f"axe-core@{VERSION}"], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    return script.read_text()
