"""Where there is no browser, it is said why, and what to do. That one is unpacked and starts, the report's tests show."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from tests.support import browser


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ("firefox", "write path or packages, or leave it out"),
        ("path", "none is on PATH"),
        ("packages", "this machine has no apt-get"),
        ("", "this machine has no apt-get"),
    ],
)
def test_no_browser_says_why(choice: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(browser.CHOICE, choice)
    with pytest.raises(SandboxError, match=why):
        browser.resolve()
