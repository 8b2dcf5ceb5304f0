"""How many faults the tests survived: counted by the proxy, carried by the reports, so that workers can be many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from sandbox.faults import FaultyCloud

PROPERTY = "faults"


def count(item: pytest.Item, faulty: FaultyCloud) -> None:
    """Put what the proxy has counted so far into the test's report."""
    item.user_properties.append((PROPERTY, {fault.value: times for fault, times in faulty.met.items()}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    survived: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, counts in getattr(report, "user_properties", []):
            if name == PROPERTY:
                survived.update(counts)
    if survived:
        kinds = ", ".join(f"{kind} {times}" for kind, times in survived.most_common())
        terminalreporter.write_line(f"faults survived: {survived.total()} ({kinds})")
