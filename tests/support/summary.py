"""The last lines of `make test`: on which engine and which provider it ran, and how many faults it survived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import plugins
from sandbox.closing import closing_lines
from sandbox.engine import resolve
from tests.faults.counting import survived_faults

if TYPE_CHECKING:
    import pytest

_MARK = "engine"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    for line in survived_faults(passed):
        terminalreporter.write_line(line)
    if any(_MARK in report.keywords for report in passed):
        for line in closing_lines(resolve(), plugins.choose()):
            terminalreporter.write_line(line)
