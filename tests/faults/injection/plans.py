"""Which calls meet which fault. A plan is asked once for each request, in whatever order they come."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Protocol

from tests.faults.injection.answers import ERRORS, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.injection.calls import Call


class Plan(Protocol):
    """Says what happens to a call."""

    def fault(self, call: Call) -> Fault | None:
        """The fault that this call meets, None where it passes."""


@dataclass(kw_only=True)
class Rule:
    """One fault for some calls: those that match, after the first `skip` of them, `times` in all or of each."""

    meets: Fault
    calls: str = "*"
    """A pattern of actions, such as `iam:*Role`."""
    only_writes: bool = True
    skip: int = 0
    times: int = 1
    each: bool = False
    """Count by action and target, instead of over all."""
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, call: Call) -> Fault | None:
        """Whether it is this call's turn."""
        if (self.only_writes and not call.writes) or not fnmatchcase(call.action, self.calls):
            return None
        counted = (call.action, call.target) if self.each else ("", "")
        with self._turn:
            before = self._seen[counted]
            self._seen[counted] += 1
        return self.meets if self.skip <= before < self.skip + self.times else None


@dataclass(kw_only=True)
class Storm:
    """Passing faults at random: the same seed gives the same call the same faults, whatever came in between.

    No call meets more than `in_a_row` before it passes: the AWS SDK gives up in the end, here as on AWS.
    """

    seed: int
    of: Sequence[Fault]
    chance: float = 0.3
    in_a_row: int = 2
    _tries: Counter[tuple[str, str]] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, call: Call) -> Fault | None:
        """Throw the dice for this call."""
        with self._turn:
            tried = self._tries[call.action, call.target]
            self._tries[call.action, call.target] += 1
        if tried % (self.in_a_row + 1) == self.in_a_row:
            return None
        dice = hashlib.sha256(f"{self.seed} {call.action} {call.target} {tried}".encode()).digest()
        fitting = [fault for fault in self.of if _fits(fault, call)]
        if not fitting or dice[0] >= self.chance * _FACES:
            return None
        return fitting[dice[1] % len(fitting)]


@dataclass
class FirstOf:
    """Several plans: the first that has a fault for a call decides; each of them sees every call."""

    plans: Sequence[Plan]

    def fault(self, call: Call) -> Fault | None:
        """What the first of them says."""
        said = [plan.fault(call) for plan in self.plans]
        return next((fault for fault in said if fault), None)


@dataclass
class Tally:
    """No faults: it notes the calls, for a test that plans by them."""

    calls: list[Call] = field(default_factory=list)

    def fault(self, call: Call) -> None:
        """Note it."""
        self.calls.append(call)


_FACES: Final = 256
_MAKES_TWICE: Final = ("Create",)
"""Operations that AWS does not take twice: a repeated one is refused, because the first has made the thing."""


def _fits(fault: Fault, call: Call) -> bool:
    """Whether the service has such an error, and its caller can repeat the call."""
    if fault is Fault.LOST_ANSWER:
        return not call.operation.startswith(_MAKES_TWICE) or call.operation == "CreatePolicyVersion"
    if fault in {Fault.LOST_REQUEST, Fault.SILENT}:
        return True
    return fault in ERRORS.get(call.service, {})
