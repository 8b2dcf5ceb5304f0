"""A life as it goes: what the stack's owner asks for, what others did, and what is left of former entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.lifecycle.account import ADMINISTRATION, BUCKETS, Account, Standing, compact
from tests.lifecycle.model import expected, in_policy

KEY: Final = "key"
"""How changes name the account's one key."""


@dataclass
class Story:
    """Everything that the next run depends on."""

    account: Account
    settings: dict[str, Any] = field(default_factory=dict)
    """Arguments but for buckets and keys."""
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Entries of buckets and of the key, the newest first."""
    told_whole: dict[str, bool] = field(default_factory=dict)
    """Whether a policy is told as it stands, the stack's own statements in it too, or those of others alone."""
    attached: dict[str, list[str]] = field(default_factory=dict)
    foreign: dict[str, list[dict[str, Any]]] = field(init=False)
    left: dict[str, list[str]] = field(init=False)
    written: dict[str, list[str]] = field(default_factory=dict)
    """What the last run wrote into each policy, which stays when the stack no longer writes it."""

    def __post_init__(self) -> None:
        things = (*BUCKETS, self.account.key)
        self.foreign = {thing: [] for thing in things}
        self.foreign[self.account.key] = [ADMINISTRATION]
        self.left = {thing: [] for thing in things}

    def thing(self, name: str) -> str:
        """A bucket by its name; the key's ARN."""
        return self.account.key if name == KEY else name

    def put(self, thing: str, entry: dict[str, Any], *, told_whole: bool) -> None:
        """Ask for a bucket or the key, in front of the others."""
        self.entries = {thing: entry, **{name: each for name, each in self.entries.items() if name != thing}}
        self.told_whole[thing] = told_whole

    def drop(self, thing: str) -> None:
        """Ask for it no longer."""
        self.entries.pop(thing, None)

    def arguments(self) -> dict[str, Any]:
        """The component's arguments now. As the documentation says, the policies of others are in `existing_policy`."""
        entries = {thing: self._told(thing, entry) for thing, entry in self.entries.items()}
        keys = [entry for thing, entry in entries.items() if thing == self.account.key]
        buckets = [entry for thing, entry in entries.items() if thing != self.account.key]
        return {**self.settings, "buckets": buckets, "keys": keys}

    def _told(self, thing: str, entry: dict[str, Any]) -> dict[str, Any]:
        if not self.foreign[thing] or not _attaches(entry):
            return entry
        policy = self.account.policy(thing)
        if not self.told_whole[thing]:
            policy["Statement"] = self.foreign[thing]
        return {**entry, "existing_policy": compact(policy)}

    def ran(self, args: dict[str, Any] | None, role_arn: str) -> None:
        """Note what a run of those arguments wrote; None when the stack was destroyed."""
        for thing in self.left:
            lines = in_policy(args, thing, role_arn, self.account.key)
            before = self.written.pop(thing, None)
            if lines is not None:
                self.written[thing] = lines
                self.left[thing] = []
            elif before:
                self.left[thing] = before

    def expected(self, args: dict[str, Any] | None, role_arn: str) -> Standing:
        """What should stand in the account."""
        return expected(args, role_arn, self.account.key, self.left, self.foreign, self.attached)


def _attaches(entry: dict[str, Any]) -> bool:
    return "statements" not in (entry.get("bucket_policy"), entry.get("key_policy"))
