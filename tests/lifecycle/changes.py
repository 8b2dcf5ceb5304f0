"""What can happen between two runs: to the stack's arguments, and to the account by other hands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final

from hypothesis import strategies as st

from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import BUCKETS, PEOPLE
from tests.lifecycle.story import KEY, Story

READ_ONLY: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"


class Change(ABC):
    """One thing that happens."""

    @abstractmethod
    def happen(self, story: Story) -> None:
        """Let it happen; where it cannot, nothing does."""

    def __repr__(self) -> str:
        """As short as a life can be read."""
        told = []
        for each in fields(self):  # type: ignore[arg-type] # all are dataclasses
            value = getattr(self, each.name)
            told += [repr(value)] if each.default is MISSING else [f"{each.name}={value!r}"] * (value != each.default)
        return f"{type(self).__name__}({', '.join(told)})"


@dataclass(frozen=True, repr=False)
class Set(Change):
    """An argument of the component, but for buckets and keys; None leaves it out."""

    argument: str
    value: Any

    def happen(self, story: Story) -> None:
        if self.value:
            story.settings[self.argument] = self.value
        else:
            story.settings.pop(self.argument, None)


@dataclass(frozen=True, repr=False)
class Bucket(Change):
    """A bucket is asked for, or asked for otherwise; it comes first in the list."""

    name: str
    settings: Mapping[str, Any]
    told_whole: bool = False

    def happen(self, story: Story) -> None:
        story.put(self.name, {"bucket": self.name, **self.settings}, told_whole=self.told_whole)


@dataclass(frozen=True, repr=False)
class Key(Change):
    """The key is asked for, or asked for otherwise."""

    settings: Mapping[str, Any]
    told_whole: bool = False

    def happen(self, story: Story) -> None:
        key = story.thing(KEY)
        story.put(key, {"key_arn": key, **self.settings}, told_whole=self.told_whole)


@dataclass(frozen=True, repr=False)
class Drop(Change):
    """A bucket, or the key, is asked for no longer."""

    thing: str

    def happen(self, story: Story) -> None:
        story.drop(story.thing(self.thing))


@dataclass(frozen=True, repr=False)
class Others(Change):
    """Somebody adds a statement to the policy of a bucket or of the key, or takes it out again."""

    thing: str
    which: str

    def happen(self, story: Story) -> None:
        thing = story.thing(self.thing)
        statement = _statement(self.thing, self.which)
        policy, theirs = story.account.policy(thing), story.foreign[thing]
        for statements in (policy["Statement"], theirs):
            statements.remove(statement) if statement in statements else statements.append(statement)
        story.account.restate(thing, policy)


@dataclass(frozen=True, repr=False)
class OthersAttach(Change):
    """Somebody attaches a policy to a user, or takes it off again."""

    user: str

    def happen(self, story: Story) -> None:
        if story.attached.pop(self.user, None):
            story.account.detach(self.user, READ_ONLY)
        else:
            story.account.attach(self.user, READ_ONLY)
            story.attached[self.user] = [READ_ONLY]


def _statement(thing: str, which: str) -> dict[str, Any]:
    """A statement of others, in the form in which documents are written here: so it can be kept byte for byte."""
    arn = f"arn:aws:s3:::{thing}"
    objects, everything, on_key = (f"{arn}/*", [arn, f"{arn}/*"], "*")
    reader = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-alice"}
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    if thing == KEY:
        return {
            "named": {"Sid": "Reports", "Effect": "Allow", "Principal": reader, "Action": ["kms:Decrypt"], "Resource": on_key},
            "unnamed": {"Effect": "Allow", "Principal": reader, "Action": ["kms:Encrypt"], "Resource": on_key},
            "denying": {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": ["kms:Encrypt"], "Resource": on_key, "Condition": tls},
        }[which]  # fmt: skip
    return {
        "named": {"Sid": "Backup", "Effect": "Allow", "Principal": reader, "Action": ["s3:GetObject"], "Resource": objects},
        "unnamed": {"Effect": "Allow", "Principal": reader, "NotAction": ["s3:DeleteObject"], "Resource": objects},
        "denying": {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": everything, "Condition": tls},
    }[which]  # fmt: skip


def _some(values: tuple[str, ...], **limits: Any) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, **limits)


def _settings(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


_SETTINGS: Final[dict[str, st.SearchStrategy[Any]]] = {
    **{kind: _some(names) for kind, names in PEOPLE.items()},
    "policy": st.sampled_from(["custom", "managed", "least-privilege"]),
    "cloudwatch": st.sampled_from(["none", "full-access", "full-access-v2"]),
    "service_role": _settings(
        description=st.sampled_from(["Recommends", "Recommends (ours)"]),
        max_session_duration=st.sampled_from([3600, 7200]),
        name=st.sampled_from(["recommender", "recommender-2"]),
        path=st.just("/service/"),
    ),
    "source_accounts": _some((ACCOUNT, "210987654321"), min_size=1),
    "confine_to_source": st.booleans(),
    "tags": st.dictionaries(st.sampled_from(["team", "cost"]), st.sampled_from(["shop", "search"])),
}


def _set(*names: str) -> st.SearchStrategy[Set]:
    return st.sampled_from(names).flatmap(lambda name: st.builds(Set, st.just(name), _SETTINGS[name]))


_things: Final = st.sampled_from([*BUCKETS, KEY])
_delivery: Final = st.sampled_from(["attach", "attach", "statements"])
_buckets: Final = st.builds(
    Bucket,
    st.sampled_from(BUCKETS),
    st.builds(
        lambda uses, more: {"uses": uses, **more},
        _some(("import", "deletion", "batch", "export", "metrics"), min_size=1, max_size=2),
        _settings(prefix=st.sampled_from(["in/", "out/"]), bucket_policy=_delivery),
    ),
    st.booleans(),
)
_key: Final = st.builds(Key, _settings(dataset_export=st.booleans(), key_policy=_delivery), st.booleans())
_birth: Final = st.tuples(_set("users"), _set("groups", "roles"), _set("policy"), _buckets, _buckets, _key).map(list)
_changes: Final[st.SearchStrategy[Change]] = st.one_of(
    _set(*PEOPLE),
    _set("policy"),
    _set(*sorted(_SETTINGS.keys() - PEOPLE.keys())),
    _buckets,
    _buckets,
    st.builds(Others, st.sampled_from(BUCKETS), st.sampled_from(["named", "unnamed", "denying"])),
    st.builds(Others, _things, st.sampled_from(["named", "unnamed", "denying"])),
    st.builds(Drop, _things),
    _key,
    st.builds(OthersAttach, st.sampled_from(PEOPLE["users"])),
)
_STEP: Final = st.lists(_changes, min_size=1, max_size=6)
LIVES: Final = st.builds(lambda birth, steps: [birth, *steps], _birth, st.lists(_STEP, max_size=7))
"""A whole life: a run after each step, the first of which brings the stack into being."""


def eventful(life: list[list[Change]]) -> bool:
    """Whether enough happens in it, and some of everything, for the one life of a usual test run."""
    later = [change for step in life[1:] for change in step]
    changed = {change.argument for change in later if isinstance(change, Set)}
    return (
        len(life) >= 7
        and len(later) >= 20
        and {"policy", "service_role", "tags"} <= changed
        and any(isinstance(change, Set) and change.value == "least-privilege" for change in later)
        and {type(change) for change in later} == {Set, Bucket, Key, Drop, Others, OthersAttach}
    )
