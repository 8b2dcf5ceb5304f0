"""A life as it goes: what the stack's owner asks for, what others did, and what is left of former entries."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.safety import REGION
from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import ADMINISTRATION, BUCKETS, Account, Standing, compact
from tests.lifecycle.model import expected, in_policy

_ROLE: Final = re.compile(r"arn:aws:iam::\d+:role/[\w/+=,.@-]+")
Program = dict[str, Any]
"""What a run's program is made of: see `running.PROGRAM`."""
OF_THE_PROGRAM: Final = {
    "Sid": "Program",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-bob"},
    "Resource": "*",
}
"""The statement of the program's own policies, but for its action and the resource of a bucket's."""


@dataclass
class Story:
    """Everything that the next run depends on."""

    account: Account
    apart: bool = False
    """Whether what the program makes beside the component has a provider of its own."""
    configured: bool = True
    """Whether the default provider's region is in the stack's configuration, as an explicit provider's is in the program."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Arguments but for buckets and keys."""
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Entries of buckets and keys, the newest first."""
    is_live: dict[str, bool] = field(default_factory=dict)
    """Whether `existing_policy` is the live policy, the stack's own statements in it too, or those of others alone."""
    provider: str = ""
    """Name of the component's provider; empty for the default one."""
    region: str = REGION
    theirs: set[str] = field(default_factory=set)
    """Buckets and keys whose policies a resource of the program writes."""
    handed: set[str] = field(default_factory=set)
    """Those of them whose policies the component takes over in the next run."""
    attached: dict[str, list[str]] = field(default_factory=dict)
    foreign: dict[str, list[dict[str, Any]]] = field(init=False)
    left: dict[str, list[str]] = field(init=False)
    written: dict[str, list[str]] = field(default_factory=dict)
    """What the last run wrote into each policy, which stays when the stack no longer writes it."""
    labels: dict[str, str | None] = field(default_factory=dict)
    """The label under which each policy was last written: the component knows statements of no other."""

    def __post_init__(self) -> None:
        self.foreign = {thing: [] for thing in self.account.things}
        self.foreign |= {key: [ADMINISTRATION] for key in self.account.keys.values()}
        self.left = {thing: [] for thing in self.account.things}

    def thing(self, name: str) -> str:
        """A bucket by its name; a key's ARN."""
        return self.account.keys.get(name, name)

    def put(self, thing: str, entry: dict[str, Any], *, is_live: bool = False) -> None:
        """Ask for a bucket or a key, in front of the others; a label goes from one key to another."""
        others = {
            name: each
            for name, each in self.entries.items()
            if name != thing and not (entry.get("label") and each.get("label") == entry["label"])
        }
        self.entries = {thing: entry, **others}
        self.is_live[thing] = is_live

    def take(self, thing: str) -> None:
        """Let a resource of the program write a policy from now on."""
        on = {"Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{thing}/*"}
        own = {**OF_THE_PROGRAM, **(on if thing in BUCKETS else {"Action": ["kms:Decrypt"]})}
        self.foreign[thing] = [*(each for each in self.foreign[thing] if each != own), own]
        self.theirs.add(thing)
        self.handed.discard(thing)

    def clear(self, thing: str) -> None:
        """Let somebody take out what is left for a service role that is gone: AWS does not take such a principal back."""
        policy, roles = self.account.policy(thing), self.account.roles()
        if gone := {arn for arn in _ROLE.findall(json.dumps(policy)) if arn not in roles}:
            statements = [each for each in policy["Statement"] if not gone & set(_ROLE.findall(json.dumps(each)))]
            self.account.restate(thing, {**policy, "Statement": statements})
            self.left[thing] = [line for line in self.left[thing] if not gone & set(_ROLE.findall(line))]

    def attaches(self, thing: str) -> bool:
        """Return whether the component writes the policy in the next run."""
        entry = self.entries.get(thing)
        return (
            entry is not None
            and self.region == REGION
            and "statements" not in (entry.get("bucket_policy"), entry.get("key_policy"))
            and (thing not in self.theirs or thing in self.handed)
        )

    def program(self) -> Program:
        """Return the next run's program. As the documentation says, the policies of others are in `existing_policy`."""
        entries = {thing: self._resolved(thing, entry) for thing, entry in self.entries.items()}
        args = {
            **self.settings,
            "buckets": [entry for thing, entry in entries.items() if thing in BUCKETS],
            "keys": [entry for thing, entry in entries.items() if thing not in BUCKETS],
        }
        if args.get("policy") == "managed":
            args.pop("policy_name", None)
        theirs = [thing for thing in self.account.things if thing in self.theirs and not self.attaches(thing)]
        return {
            "args": args,
            "provider": self.provider,
            "region": self.region,
            "apart": self.apart,
            "configured": self.configured,
            "theirs": {named(thing): self.policy_of_program(thing) for thing in theirs},
        }

    def policy_of_program(self, thing: str) -> dict[str, str]:
        """Return the arguments of the program's own policy of a bucket or a key."""
        where = {"bucket": thing} if thing in BUCKETS else {"key_id": thing.rpartition("/")[2]}
        return {**where, "policy": compact({"Version": "2012-10-17", "Statement": self.foreign[thing]})}

    def _resolved(self, thing: str, entry: dict[str, Any]) -> dict[str, Any]:
        if not self.attaches(thing):
            return {**entry, "bucket_policy" if thing in BUCKETS else "key_policy": "statements"}
        adopting = {"adopt_policy_from": named(thing)} if thing in self.handed & self.theirs else {}
        if not self.foreign[thing]:
            return entry | adopting
        policy = self.account.policy(thing)
        if not self.is_live[thing] or self.labels.get(thing, entry.get("label")) != entry.get("label"):
            policy["Statement"] = self.foreign[thing]
        return {**entry, "existing_policy": compact(policy), **adopting}

    def ran(self, program: Program | None, role_arn: str) -> None:
        """Note what a run of that program wrote; None when the stack was destroyed."""
        args = program and program["args"]
        self.theirs = {thing for thing in self.theirs if not self.attaches(thing)}
        self.handed.clear()
        for thing in self.left:
            lines = in_policy(args, thing, role_arn, self.region)
            before = self.written.pop(thing, None)
            if lines is not None:
                self.written[thing] = lines
                self.labels[thing] = self.entries[thing].get("label")
            if lines is not None or thing in self.theirs:
                self.left[thing] = []
            elif before:
                self.left[thing] = before

    def expected(self, program: Program | None, role_arn: str) -> Standing:
        """What should stand in the account."""
        args = program and program["args"]
        return expected(args, role_arn, self.region, self.left, self.foreign, self.attached)


def named(thing: str) -> str:
    """Return the logical name of the program's own policy of a bucket or a key."""
    return f"theirs-{thing.rpartition('/')[2]}"
