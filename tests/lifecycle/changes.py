"""What can happen between two runs: to the stack's program, and to the account by other hands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from random import Random
from typing import Any, Final

from sandbox.safety import REGION
from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import BUCKETS, KEYS, PEOPLE
from tests.lifecycle.story import Story

READ_ONLY: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ELSEWHERE: Final = "us-west-2"


class Change(ABC):
    """One thing that happens."""

    @abstractmethod
    def happen(self, story: Story) -> bool:
        """Let it happen; return whether it did: where it cannot, or makes no difference, nothing does."""

    def __repr__(self) -> str:
        """As short as a life can be read."""
        shown = []
        for each in fields(self):  # type: ignore[arg-type] # all are dataclasses
            value = getattr(self, each.name)
            shown += [repr(value)] if each.default is MISSING else [f"{each.name}={value!r}"] * (value != each.default)
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True, repr=False)
class Set(Change):
    """An argument of the component, but for buckets and keys; None leaves it out."""

    argument: str
    value: Any

    def happen(self, story: Story) -> bool:
        before = story.settings.pop(self.argument, None)
        if self.value:
            story.settings[self.argument] = self.value
        return bool(before != self.value and (before or self.value))


@dataclass(frozen=True, repr=False)
class Ask(Change):
    """A bucket or a key is asked for, or asked for otherwise; it comes first in the list."""

    name: str
    settings: Mapping[str, Any]
    is_live: bool = False

    def happen(self, story: Story) -> bool:
        thing = story.thing(self.name)
        entry, before = (
            {"bucket" if thing == self.name else "key_arn": thing, **self.settings},
            story.entries.get(thing),
        )
        story.put(thing, entry, is_live=self.is_live)
        return before != entry


@dataclass(frozen=True, repr=False)
class Drop(Change):
    """A bucket or a key is asked for no longer."""

    name: str

    def happen(self, story: Story) -> bool:
        return story.entries.pop(story.thing(self.name), None) is not None


@dataclass(frozen=True, repr=False)
class AddAndDrop(Change):
    """Somebody adds a statement, and the entry of the bucket or key is removed before anybody has read it."""

    name: str

    def happen(self, story: Story) -> bool:
        wrote = story.thing(self.name) in story.written
        return wrote and Drop(self.name).happen(story) and Others(self.name, "late").happen(story)


@dataclass(frozen=True, repr=False)
class Take(Change):
    """A resource of the program writes the policy of a bucket or key from now on."""

    name: str

    def happen(self, story: Story) -> bool:
        thing = story.thing(self.name)
        if thing in story.theirs or thing not in story.written:
            return False
        story.take(thing)
        return True


@dataclass(frozen=True, repr=False)
class HandOver(Change):
    """The component takes the place of the program's own resource."""

    name: str

    def happen(self, story: Story) -> bool:
        thing = story.thing(self.name)
        if thing not in story.theirs - story.handed or thing in story.written:
            return False
        asked = story.entries.get(
            thing, {"bucket": thing, "uses": ["import"]} if thing in BUCKETS else {"key_arn": thing}
        )
        story.put(thing, {name: value for name, value in asked.items() if name not in {"bucket_policy", "key_policy"}})
        story.handed.add(thing)
        return story.attaches(thing)


@dataclass(frozen=True, repr=False)
class Move(Change):
    """The component gets another provider, or one of another region."""

    provider: str
    region: str

    def happen(self, story: Story) -> bool:
        if not self.provider and self.region != REGION and not story.apart:
            return False  # it would take what the program makes beside the component along
        moved = (story.provider, story.region) != (self.provider, self.region)
        story.provider, story.region = self.provider, self.region
        return moved


@dataclass(frozen=True, repr=False)
class Others(Change):
    """Somebody adds a statement to the policy of a bucket or of a key, or takes it out again."""

    name: str
    which: str

    def happen(self, story: Story) -> bool:
        thing = story.thing(self.name)
        statement = _statement(self.name, self.which)
        story.clear(thing)  # before anybody can write the policy again
        policy, theirs = story.account.policy(thing), story.foreign[thing]
        for statements in (policy["Statement"], theirs):
            statements.remove(statement) if statement in statements else statements.append(statement)
        story.account.restate(thing, policy)
        return True


@dataclass(frozen=True, repr=False)
class OthersAttach(Change):
    """Somebody attaches a policy to a user, or takes it off again."""

    user: str

    def happen(self, story: Story) -> bool:
        if story.attached.pop(self.user, None):
            story.account.detach(self.user, READ_ONLY)
        else:
            story.account.attach(self.user, READ_ONLY)
            story.attached[self.user] = [READ_ONLY]
        return True


def _statement(name: str, which: str) -> dict[str, Any]:
    """A statement of others, in the form in which documents are written here: so it can be kept byte for byte."""
    arn = f"arn:aws:s3:::{name}"
    objects, everything, on_key = (f"{arn}/*", [arn, f"{arn}/*"], "*")
    reader = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-alice"}
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    if name in KEYS:
        return {
            "named": {"Sid": "Reports", "Effect": "Allow", "Principal": reader, "Action": ["kms:Decrypt"], "Resource": on_key},
            "late": {"Sid": "Late", "Effect": "Allow", "Principal": reader, "Action": ["kms:Verify"], "Resource": on_key},
            "unnamed": {"Effect": "Allow", "Principal": reader, "Action": ["kms:Encrypt"], "Resource": on_key},
            "denying": {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": ["kms:Encrypt"], "Resource": on_key, "Condition": tls},
        }[which]  # fmt: skip
    return {
        "named": {"Sid": "Backup", "Effect": "Allow", "Principal": reader, "Action": ["s3:GetObject"], "Resource": objects},
        "late": {"Sid": "Late", "Effect": "Allow", "Principal": reader, "Action": ["s3:GetObjectTagging"], "Resource": objects},
        "unnamed": {"Effect": "Allow", "Principal": reader, "NotAction": ["s3:DeleteObject"], "Resource": objects},
        "denying": {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": everything, "Condition": tls},
    }[which]  # fmt: skip


class Draw(Random):
    """Chance, as changes need it."""

    def some(self, values: tuple[Any, ...], *, least: int = 0) -> list[Any]:
        """Return some of the values, in any order."""
        return self.sample(values, self.randint(least, len(values)))

    def fields(self, **values: Any) -> dict[str, Any]:
        """Return some of the arguments."""
        return {name: value for name, value in values.items() if self.random() < 0.5}


_SETTINGS: Final[Mapping[str, Callable[[Draw], Any]]] = {
    **{kind: lambda draw, names=names: draw.some(names) for kind, names in PEOPLE.items()},
    "policy": lambda draw: draw.choice(["custom", "managed", "least-privilege"]),
    "policy_path": lambda draw: draw.choice(["/", "/shop/"]),
    "policy_name": lambda draw: draw.choice([None, "people", "people-2"]),
    "cloudwatch": lambda draw: draw.choice(["none", "full-access", "full-access-v2"]),
    "service_role": lambda draw: draw.fields(
        description=draw.choice(["Recommends", "Recommends (ours)"]),
        max_session_duration=draw.choice([3600, 7200]),
        name=draw.choice(["recommender", "recommender-2"]),
        path="/service/",
    ),
    "source_accounts": lambda draw: draw.some((ACCOUNT, "210987654321"), least=1),
    "confine_to_source": lambda draw: draw.choice([True, False]),
    "tags": lambda draw: draw.fields(team=draw.choice(["shop", "search"]), cost="low"),
}


def _bucket(draw: Draw) -> Ask:
    uses = draw.sample(("import", "deletion", "batch", "export", "metrics"), draw.randint(1, 2))
    more = draw.fields(
        prefix=draw.choice(["in/", "out/"]), bucket_policy=draw.choice(["attach", "attach", "statements"])
    )
    return Ask(draw.choice(BUCKETS), {"uses": uses, **more}, draw.choice([True, False]))


def _key(draw: Draw) -> Ask:
    more = draw.fields(
        dataset_export=draw.choice([True, False]), key_policy=draw.choice(["attach", "attach", "statements"])
    )
    label = {"label": "data"} if draw.random() < 0.7 else {}
    return Ask(draw.choice(KEYS), {**more, **label}, draw.choice([True, False]))


_THINGS: Final = (*BUCKETS, *KEYS)
_WAYS: Final = ("named", "unnamed", "denying")
DECK: Final[tuple[Callable[[Draw], Change], ...]] = (
    *(lambda draw, name=name: Set(name, _SETTINGS[name](draw)) for name in (*_SETTINGS, "policy", "policy_path", "users")),
    *[_bucket] * 5,
    *[_key] * 4,
    *[lambda draw: Drop(draw.choice(_THINGS))] * 2,
    *[lambda draw: AddAndDrop(draw.choice(_THINGS))] * 2,
    *[lambda draw: Others(draw.choice(_THINGS), draw.choice(_WAYS))] * 5,
    *[lambda draw: Take(draw.choice(_THINGS))] * 4,
    *[lambda draw: HandOver(draw.choice(_THINGS))] * 4,
    *[lambda draw: Move(draw.choice(["", "one", "two"]), draw.choice([REGION, REGION, ELSEWHERE]))] * 4,
    lambda draw: OthersAttach(draw.choice(PEOPLE["users"])),
)  # fmt: skip
"""A card for each change that can happen; all of it happens before anything happens again."""
