"""Show progress and a summary: live lines on a terminal, otherwise one line per event."""

import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from running import Outcome, Status

_COLORS = {Status.DONE: "green", Status.FAILED: "red", Status.INTERRUPTED: "yellow"}


class Screen:
    """Shows the progress of all stacks."""

    def __init__(self, title: str, total: int) -> None:
        self.console = Console(highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self.console, disable=not self.console.is_terminal, transient=True)
        self._all = self._progress.add_task(title, total=total)
        self._running: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def progress_of(self, tenant: str) -> Callable[[str], None]:
        """Return a function that shows the progress of one stack."""

        def show(step: str) -> None:
            with self._lock:
                if tenant not in self._running:
                    self._running[tenant] = self._progress.add_task(tenant, total=None)
                    if not self.console.is_terminal:
                        self.console.print(f"{tenant}: {step}", markup=False)
                self._progress.update(self._running[tenant], description=f"{tenant}: {step}")

        return show

    def show_finished(self, outcome: Outcome) -> None:
        """Show that a stack has finished."""
        with self._lock:
            if outcome.tenant in self._running:
                self._progress.remove_task(self._running.pop(outcome.tenant))
            self._progress.advance(self._all)
        if outcome.status not in {Status.SKIPPED, Status.NOT_STARTED}:
            self.say(_line(outcome), _COLORS.get(outcome.status))

    def say(self, text: str, style: str | None = None) -> None:
        """Print one line."""
        self.console.print(text, style=style, markup=False, soft_wrap=True)

    def summary(self, outcomes: Iterable[Outcome]) -> None:
        """Print how many stacks finished with each status, and why stacks failed."""
        outcomes = list(outcomes)
        table = Table(title="Summary", title_justify="left")
        for column in ("", "Stacks", "Which"):
            table.add_column(column)
        for status in Status:
            if chosen := [outcome.tenant for outcome in outcomes if outcome.status is status]:
                named = ", ".join(chosen[:_MAX_NAMES]) + (" …" if len(chosen) > _MAX_NAMES else "")
                table.add_row(status.value, str(len(chosen)), named)
        self.console.print(table)
        for outcome in outcomes:
            if outcome.status in {Status.FAILED, Status.INTERRUPTED}:
                self.say(f"{outcome.tenant} {outcome.status.value}: {outcome.reason}\n  logs/{outcome.tenant}.log")


_MAX_NAMES = 20


def _line(outcome: Outcome) -> str:
    detail = outcome.changes or outcome.reason.partition("\n")[0]
    return f"{outcome.tenant}: {outcome.status.value} in {outcome.seconds:.0f} s, {detail}"
