"""Values that live as long as one run of a program: tests run many programs in one process."""

from collections.abc import MutableMapping
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

T = TypeVar("T")


def is_update() -> bool:
    """Return whether an engine creates what the program registers: not in a preview or a test with mocks."""
    return not isinstance(get_monitor(), MockMonitor | None) and not pulumi.runtime.is_dry_run()


class _Process:
    """The place of the program in a process that hosts components, which serves one deployment."""


_PROCESS: Final = _Process()


class PerRun(Generic[T]):
    """A mapping that starts empty with every run of a program."""

    def __init__(self) -> None:
        self._runs: MutableMapping[object, dict[object, T]] = WeakKeyDictionary()

    def of_this_run(self) -> dict[object, T]:
        """Return the mapping of the running program."""
        monitor = get_monitor()
        run = monitor if isinstance(monitor, MockMonitor) else pulumi.runtime.get_root_resource() or _PROCESS
        return self._runs.setdefault(run, {})
