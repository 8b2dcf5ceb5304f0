"""Run one stack through the Automation API, and return one outcome whatever happens."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from pulumi import automation


class Status(Enum):
    """How a stack finished."""

    DONE = "done"
    SKIPPED = "up to date"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one stack."""

    tenant: str
    status: Status
    seconds: float = 0.0
    changes: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with each stack."""

    command: str
    """`up`, `preview` or `destroy`."""
    workspace: automation.LocalWorkspace
    logs: Path
    policy_packs: list[str]
    policy_pack_configs: list[str]
    stopping: threading.Event
    """Set when no more stacks may start."""

    def run(self, tenant: str, show: Callable[[str], None]) -> Outcome:
        """Run one stack, and call `show` with its progress. Never raises, so that one stack cannot stop the others."""
        if self.stopping.is_set():
            return Outcome(tenant, Status.NOT_STARTED)
        started, events = time.monotonic(), _EventLog(show)
        show("starts")
        log = self.logs / f"{tenant}.log"
        try:
            with log.open("w") as file:
                changes = self._command(tenant, events, lambda text: print(text, file=file, flush=True))
        except Exception as error:  # noqa: BLE001 - reported as the stack's outcome
            # The engine receives an interrupt too, and may stop before this program has handled the signal.
            status = Status.INTERRUPTED if self.stopping.wait(_INTERRUPT_DELAY) else Status.FAILED
            return Outcome(tenant, status, time.monotonic() - started, reason=events.reason() or _first_error(error))
        return Outcome(tenant, Status.DONE, time.monotonic() - started, _change_summary(changes))

    def _command(self, tenant: str, events: "_EventLog", write: Callable[[str], None]) -> dict[str, int]:
        with _select_lock:
            stack = automation.Stack.create_or_select(tenant, self.workspace)
        handlers = {"on_output": write, "on_error": write, "on_event": events, "color": "never"}
        packs = {"policy_packs": self.policy_packs, "policy_pack_configs": self.policy_pack_configs}
        match self.command:
            case "preview":
                return dict(stack.preview(**handlers, **packs).change_summary)
            case "destroy":
                changes = stack.destroy(**handlers).summary.resource_changes
                self.workspace.remove_stack(tenant)
                return dict(changes or {})
        return dict(stack.up(**handlers, **packs).summary.resource_changes or {})


_INTERRUPT_DELAY: Final = 1.0
_select_lock: Final = threading.Lock()
"""The engine writes the selected stack to a file of the project. Two commands must not write it at once."""
_MARKUP: Final = re.compile(r"<\{%.*?%\}>")


@dataclass
class _EventLog:
    """Collects errors and policy violations from the engine's events, which are shorter than its output."""

    show: Callable[[str], None]
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __call__(self, event: automation.EngineEvent) -> None:
        if step := event.resource_pre_event:
            self.show(f"{step.metadata.op.value} {step.metadata.urn.rsplit('::', 1)[-1]}")
        if (diagnostic := event.diagnostic_event) and diagnostic.severity == "error":
            self.errors.append(diagnostic.message)
        if (violation := event.policy_event) and violation.enforcement_level == "mandatory":
            self.violations.append(f"policy {violation.policy_name}: {violation.message}")

    def reason(self) -> str:
        """Return the violations, or else the errors, without color codes: an error may only follow from a violation."""
        texts = (" ".join(_MARKUP.sub("", error).split()) for error in self.violations or self.errors)
        return "\n".join(dict.fromkeys(text for text in texts if text and text not in _UNINFORMATIVE))


_UNINFORMATIVE: Final = frozenset({"update failed", "preview failed"})


def _first_error(error: Exception) -> str:
    lines = [line.strip() for line in str(error).replace("\\n", "\n").splitlines()]
    return next((line for line in lines if line.startswith("error:")), lines[0] if lines else type(error).__name__)


def _change_summary(changes: dict[str, int]) -> str:
    counts = [f"{count} {getattr(kind, 'value', kind)}" for kind, count in changes.items() if kind != "same" and count]
    return ", ".join(counts) or "no changes"
