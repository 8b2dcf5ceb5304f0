"""Random lives: chance decides what happens, and each run is looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sandbox.safety import REGION
from sandbox.session import Sandbox
from tests.lifecycle.account import BUCKETS
from tests.lifecycle.attempts import ATTEMPTS
from tests.lifecycle.changes import DECK, Ask, Change, Draw, HandOver, Move, Set
from tests.lifecycle.running import Running, gives_a_name_again
from tests.lifecycle.story import Program

_RUNS: Final = 6
_CHANGES: Final = 14
"""How many happen between two runs of a life."""
_BIRTH: Final = (Set("users", ["alice", "bob"]), Ask(BUCKETS[0], {"uses": ["import"]}), Ask("key", {"label": "data"}))


@dataclass
class Tally:
    """What happened in lives."""

    changes: Counter[str] = field(default_factory=Counter)
    """How often each kind of change happened."""
    runs: int = 0
    """How many updates there were, each followed by an empty preview."""
    refused: Counter[str] = field(default_factory=Counter)
    """How often a preview refused each kind of program."""

    def __str__(self) -> str:
        changes, refused = self.changes.total(), self.refused.total()
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.changes.items()))
        return (
            f"{changes} changes in {self.runs} runs; previews after a run that were not empty: 0; programs that a preview "
            f"had to refuse: {refused}, all refused.\nChanges: {kinds}."
        )


class Life:
    """One stack's random life; the same for the same seed."""

    def __init__(self, sandbox: Sandbox, seed: int, tally: Tally) -> None:
        self._draw = Draw(seed)
        self._tally = tally
        self._running = Running(sandbox, apart=self._draw.choice([True, False]))
        self._cards = list(DECK)
        self._draw.shuffle(self._cards)
        self._attempts = list(ATTEMPTS)
        self._draw.shuffle(self._attempts)
        self.log: list[list[Change | str]] = []
        """What happened, step by step."""

    def live(self) -> None:
        """Bring the stack into being, change it, and destroy it."""
        self._step(list(_BIRTH))
        for _ in range(_RUNS - 1):
            self._step([], _CHANGES)
        back = [HandOver(name) for name in (*BUCKETS, *self._running.story.account.keys)]
        self._step([Move("", REGION), *back])  # with its own resources the program deletes their policies
        self._running.destroy()

    def _step(self, changes: list[Change], more: int = 0) -> None:
        """Let changes happen, `more` of chance too, and run."""
        self.log.append([])
        for change in changes:
            self._happen(change)
        for _ in range(more):
            self._deal()
        self._name_anew(self._running.story.program())
        self._running.up()
        self._tally.runs += 1
        if attempt := next((each for each in self._attempts if each(self._running)), None):
            self._attempts.remove(attempt)
            self._attempts.append(attempt)
            self._refused(attempt.__name__)

    def _deal(self) -> None:
        """Let one change of chance happen, by the first card that can."""
        for card in self._cards:
            if self._happen(card(self._draw)):
                self._cards.remove(card)
                return
        self._cards += self._draw.sample(DECK, len(DECK))
        self._deal()

    def _happen(self, change: Change) -> bool:
        happened = change.happen(self._running.story)
        if happened:
            self._tally.changes[type(change).__name__] += 1
            self.log[-1].append(change)
        return happened

    def _refused(self, what: str) -> None:
        self._tally.refused[what] += 1
        self.log[-1].append(f"refused: {what}")

    def _name_anew(self, program: Program) -> None:
        """Give other names where fixed ones would be given again, which the preview has to refuse."""
        if not self._running.program or not gives_a_name_again(self._running.program, program):
            return
        self._running.assert_refused(program, "is a name that this stack already uses")
        self._refused("fixed names")
        settings, end = self._running.story.settings, f"-n{self._tally.runs}"
        if name := settings.get("policy_name"):
            settings["policy_name"] = name.partition("-")[0] + end
        role = settings.get("service_role", {})
        if name := role.get("name"):
            settings["service_role"] = {**role, "name": name.partition("-")[0] + end}
