"""What lasts as long as one run of a program, and no longer: tests run many programs in one process."""

from collections.abc import MutableMapping
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

T = TypeVar("T")


def is_update() -> bool:
    """Return whether an engine makes what the program registers: not in a preview, nor in a test with mocks."""
    return not isinstance(get_monitor(), MockMonitor | None) and not pulumi.runtime.is_dry_run()


class _Process:
    """A process that hosts components serves one deployment, but has no program to tell it by."""


_PROCESS: Final = _Process()


class PerRun(Generic[T]):
    """A mapping that starts empty with every run of a program."""

    def __init__(self) -> None:
        self._runs: MutableMapping[object, dict[object, T]] = WeakKeyDictionary()

    def of_this_run(self) -> dict[object, T]:
        """The mapping of the running program."""
        monitor = get_monitor()
        run = monitor if isinstance(monitor, MockMonitor) else pulumi.runtime.get_root_resource() or _PROCESS
        return self._runs.setdefault(run, {})
