"""How many faults the tests survived: counted by the proxy, carried by the reports, so that workers can be many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from tests.faults.injection import FaultyCloud

PROPERTY = "faults"


def count(item: pytest.Item, faulty: FaultyCloud) -> None:
    """Put what the proxy has counted so far into the test's report."""
    item.user_properties.append((PROPERTY, {fault.value: times for fault, times in faulty.met.items()}))


def survived_faults(passed: Iterable[pytest.TestReport]) -> Iterator[str]:
    """A line with their number and kinds, where there were any."""
    survived: Counter[str] = Counter()
    for report in passed:
        for name, counts in getattr(report, "user_properties", []):
            if name == PROPERTY:
                survived.update(counts)
    if survived:
        kinds = ", ".join(f"{kind} {times}" for kind, times in survived.most_common())
        yield f"faults survived: {survived.total()} ({kinds})"
