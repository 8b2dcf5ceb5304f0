"""A life as it goes: what the stack's owner asks for, what others did, and what is left of former entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.lifecycle.account import ADMINISTRATION, BUCKETS, Account, Standing, compact
from tests.lifecycle.model import expected, in_policy

KEY: Final = "key"
"""How changes name the account's one key."""


@dataclass(frozen=True)
class Written:
    """What the last run wrote into one policy."""

    lines: list[str]
    kept: bool
    """Whether it stays when the stack no longer writes it: where statements of others were told."""


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
    written: dict[str, Written] = field(default_factory=dict)

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

    def arguments(self, before: dict[str, Any]) -> dict[str, Any]:
        """The component's arguments now; `before` are those of the last run.

        The owner goes by the documentation: the policies of others are told, and an entry whose policy they added to
        since is told once more before it goes.
        """
        for entry in (*before.get("buckets", ()), *before.get("keys", ())):
            thing = entry.get("bucket") or self.account.key
            written = self.written.get(thing)
            if written and not written.kept and self.foreign[thing] and not _attaches(self.entries.get(thing)):
                self.put(
                    thing, {name: value for name, value in entry.items() if name != "existing_policy"}, told_whole=True
                )
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
                kept = thing == self.account.key or bool(self.foreign[thing])
                self.written[thing] = Written(lines, kept)
                self.left[thing] = []
            elif before:
                self.left[thing] = before.lines if before.kept else []

    def expected(self, args: dict[str, Any] | None, role_arn: str) -> Standing:
        """What should stand in the account."""
        return expected(args, role_arn, self.account.key, self.left, self.foreign, self.attached)


def _attaches(entry: dict[str, Any] | None) -> bool:
    return entry is not None and "statements" not in (entry.get("bucket_policy"), entry.get("key_policy"))
