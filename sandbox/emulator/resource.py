"""What every emulated resource type has in common: defaults, names, previews, differences, states and their order."""

from __future__ import annotations

import hashlib
import json
import secrets as randomness
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.emulator import documents, schema
from sandbox.emulator.difference import Change, as_text, changes_of, is_empty, sort_key, stated
from sandbox.emulator.errors import AwsError, PartialError, from_boto
from sandbox.emulator.propagation import until_seen
from sandbox.emulator.schema import Failure
from sandbox.emulator.wire import UNKNOWN, Json, Props, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.emulator.session import Account
    from sandbox.emulator.traits import AutoName, Naming, Traits

_RANDOM_DIGITS: Final = 7
_UNIQUE_BYTES: Final = 13  # 26 digits after a name prefix, as Terraform's unique ids have


class Resource(ABC):
    """One resource type. Subclasses talk to AWS; what they are told is known, and what they return is AWS's answer."""

    traits: ClassVar[Traits]

    @abstractmethod
    def create(self, account: Account, props: Props) -> str:
        """Make the entity itself; its id."""

    def complete(self, account: Account, identity: str, props: Props) -> None:  # noqa: B027 - most entities are complete
        """What follows the entity's creation: a failure here leaves it standing, and the state says so."""

    @abstractmethod
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The state in AWS, None when it is gone. `known` is the last state, empty at import."""

    @abstractmethod
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Make the changes in place."""

    @abstractmethod
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete; what is gone already is no error."""

    def validate(self, props: Props) -> Iterator[Failure]:  # noqa: ARG002 - subclasses judge them
        """Further reasons to refuse known inputs in preview, as the real provider's schema validation does."""
        yield from ()

    def doing(self, verb: str, name: str, props: Props) -> str:  # noqa: ARG002 - subclasses name what they join
        """What a refusal is reported to have interrupted, such as `creating IAM Role (x)`."""
        return f"{verb} {self.traits.label} ({name})"

    # What the engine asks, in its order.

    def check(self, olds: Props, news: Props, naming: Naming) -> tuple[Props, list[Failure]]:
        """Inputs with defaults and names filled in, and why they are refused."""
        traits = self.traits
        inputs = {name: value for name, value in news.items() if value is not None and name != "__defaults"}
        described = schema.resource(traits.kind)
        for name in traits.documents & inputs.keys():
            object_too = described.inputs[name].shape.kind == "any"  # text, or a typed PolicyDocument
            if object_too and isinstance(inputs[name], dict) and not has_unknown(inputs[name]):
                inputs[name] = json.dumps(inputs[name], separators=(",", ":"))
        found = schema.failures(described, inputs)
        found += [
            Failure(name, f"the sandbox does not emulate '{name}' of {traits.kind}")
            for name in sorted(traits.absent & inputs.keys())
        ]
        defaulted = []
        for name, value in traits.defaults.items():
            if name not in inputs:
                inputs[name] = value
                defaulted.append(name)
        if traits.name and not inputs.keys() & {traits.name.property, _prefix_of(traits.name)}:
            named, failure = self._automatic_name(olds, naming, traits.name)
            found += [failure] if failure else []
            inputs[traits.name.property] = named
            defaulted.append(traits.name.property)
        if not found:
            found = list(self.validate(inputs))
        inputs["__defaults"] = sorted(defaulted)
        return inputs, found

    def diff(self, account: Account, olds: Props, news: Props) -> list[Change]:
        """How the last known state differs from the inputs."""
        traits, changes = self.traits, list[Change]()
        for name in schema.resource(traits.kind).inputs:
            old, new = olds.get(name), news.get(name)
            if new is None:
                named = traits.name is not None and name in {traits.name.property, _prefix_of(traits.name)}
                kept = named or name == "region" or name in traits.computed
                if not kept and not is_empty(old) and old != traits.defaults.get(name):
                    changes.append(Change(name, "delete", name in traits.replacing))
            elif not self.same(name, old, new):
                changes += changes_of(name, old, new, replace=name in traits.replacing or name == "region")
        if "tagsAll" in schema.resource(traits.kind).outputs and not any(c.property == "tags" for c in changes):
            everything = _all_tags(account, news.get("tags"))
            if not self.same("tagsAll", olds.get("tagsAll") or {}, everything):
                changes.append(Change("tagsAll", "update", replace=False))
        return changes

    def same(self, name: str, old: object, new: object) -> bool:
        """Whether two values of a property mean the same to AWS."""
        if new is UNKNOWN or has_unknown(new):
            return False
        if old == new or (old is None and is_empty(new)):
            return True
        if name in self.traits.documents:
            return documents.equivalent(old, new)
        described = schema.resource(self.traits.kind).inputs.get(name)
        if described and described.shape.kind == "object":
            return stated(old) == stated(new)
        if name in self.traits.sets and isinstance(old, list) and isinstance(new, list):
            return sorted(old, key=sort_key) == sorted(new, key=sort_key)
        return as_text(old) == as_text(new)

    def deletes_first(self, olds: Props, news: Props) -> bool:
        """Whether a replacement must delete before it creates: two entities cannot share one name."""
        name = self.traits.name
        if self.traits.delete_first or name is None:
            return self.traits.delete_first
        chosen = name.property not in news.get("__defaults", [])
        return chosen and news.get(name.property) == olds.get(name.property)

    def preview(self, account: Account, props: Props) -> Props:
        """Outputs of a creation that has not happened: inputs are known, what AWS will say is not."""
        described, traits = schema.resource(self.traits.kind), self.traits
        outputs = _without_marks(props)
        for name in described.outputs:
            if name in outputs:
                continue
            if name not in described.inputs or name in traits.computed:
                outputs[name] = UNKNOWN
        if "region" in described.inputs:
            outputs.setdefault("region", account.region)
        if "tagsAll" in described.outputs:
            outputs["tagsAll"] = _all_tags(account, props.get("tags"))
        return outputs

    def preview_update(self, account: Account, olds: Props, news: Props) -> Props:
        """Outputs of an update that has not happened."""
        inputs = schema.resource(self.traits.kind).inputs
        removed = {change.path for change in self.diff(account, olds, news) if change.kind == "delete"}
        outputs = {name: value for name, value in olds.items() if name not in removed or name not in inputs}
        outputs |= _without_marks(news)
        if "tagsAll" in outputs:
            outputs["tagsAll"] = _all_tags(account, news.get("tags"))
        return outputs

    def make(self, account: Account, props: Props) -> tuple[str, Props]:
        """Create, and read back; a failure after the entity exists is a PartialError."""
        wanted = _without_marks(props)
        rule = self.traits.name
        if rule and rule.property not in wanted:
            wanted[rule.property] = f"{wanted[_prefix_of(rule)]}{randomness.token_hex(_UNIQUE_BYTES)}"
        wanted_tags = _all_tags(account, wanted.get("tags"))
        identity = self.create(account, wanted | ({"tagsAll": wanted_tags} if wanted_tags else {}))
        try:
            self.complete(account, identity, wanted)
            made = until_seen(lambda: self.state(account, identity, wanted))
        except (AwsError, BotoCoreError, ClientError) as error:
            raise PartialError(identity, self._readable(account, identity, wanted), str(_refusal(error))) from error
        if made is None:
            unseen = f"{self.traits.label} ({identity}) did not appear after its creation"
            raise PartialError(identity, wanted, str(AwsError("NotFound", unseen)))
        return identity, made

    def change(self, account: Account, identity: str, olds: Props, news: Props) -> Props:
        """Update in place, and read back."""
        wanted = _without_marks(news)
        changed = frozenset(change.property for change in self.diff(account, olds, news))
        everything = _all_tags(account, wanted.get("tags"))
        try:
            self.update(account, identity, olds, wanted | {"tagsAll": everything}, changed)
        except (AwsError, BotoCoreError, ClientError) as error:
            state = self.state(account, identity, olds)
            if state is None:
                raise
            raise PartialError(identity, state, str(_refusal(error))) from error
        made = self.state(account, identity, wanted)
        if made is None:
            raise AwsError("NotFound", f"{self.traits.label} ({identity}) is gone")
        return made

    def state(self, account: Account, identity: str, known: Props) -> Props | None:
        """AWS's answer, in the words of the last known state where both mean the same."""
        answer = self.read(account, identity, known)
        if answer is None:
            return None
        described = schema.resource(self.traits.kind)
        state = {name: value for name, value in answer.items() if value is not None}
        if "tagsAll" in described.outputs:
            state |= self._tags(account, state.pop("tags", {}), known)
        for name in self.traits.written:
            value = known.get(name, self.traits.defaults.get(name))
            if value is not None:
                state[name] = value
        if "region" in described.inputs:
            state.setdefault("region", known.get("region") or account.region)
        for name, value in state.items():
            if name in known and not has_unknown(known[name]) and self.same(name, value, known[name]):
                state[name] = known[name]
        return state

    def _readable(self, account: Account, identity: str, wanted: Props) -> Props:
        """The state as far as AWS tells it: what was made must not be forgotten because it cannot be read."""
        try:
            return self.state(account, identity, wanted) or wanted
        except (AwsError, BotoCoreError, ClientError):
            return wanted

    def inputs_of(self, state: Props, olds: Props) -> Props:
        """Inputs that a state stands for: those of before, brought up to date; at import all that are not defaults."""
        described = schema.resource(self.traits.kind).inputs
        if olds:
            kept = {name: state[name] for name in described if name in olds and name in state}
            kept["__defaults"] = olds.get("__defaults", [])
            return kept
        skipped = {"region", *self.traits.absent, *([_prefix_of(self.traits.name)] if self.traits.name else [])}
        inputs: Props = {
            name: state[name]
            for name, prop in described.items()
            if name in state
            and name not in skipped
            and (prop.required or (not is_empty(state[name]) and state[name] != self.traits.defaults.get(name)))
        }
        inputs["__defaults"] = []
        return inputs

    def _automatic_name(self, olds: Props, naming: Naming, rule: AutoName) -> tuple[str, Failure | None]:
        if rule.property in olds.get("__defaults", []) and isinstance(olds.get(rule.property), str):
            return str(olds[rule.property]), None
        if naming.disabled:
            return "", Failure(rule.property, "automatic naming is disabled and no name is given")
        if naming.proposed is not None:
            name = naming.proposed
        else:
            seed = naming.seed or randomness.token_bytes(16)
            digits = hashlib.sha256(seed).hexdigest()[:_RANDOM_DIGITS]
            name = f"{rule.prefix}{naming.logical}-{digits}"
        name = name.lower() if rule.lower else name
        if len(name) > rule.longest:
            return name, Failure(rule.property, f"the automatic name '{name}' is longer than {rule.longest} characters")
        return name, None

    def _tags(self, account: Account, tags: Mapping[str, str], known: Props) -> Props:
        visible = {name: value for name, value in tags.items() if not name.startswith("aws:")}
        asked = known.get("tags") or {}
        own = {
            name: value for name, value in visible.items() if name in asked or account.default_tags.get(name) != value
        }
        return ({"tags": own} if own or asked else {}) | {"tagsAll": visible}


def _refusal(error: AwsError | BotoCoreError | ClientError) -> AwsError:
    return error if isinstance(error, AwsError) else from_boto(error)


def _without_marks(props: Props) -> Props:
    return {name: value for name, value in props.items() if name != "__defaults"}


def _prefix_of(rule: AutoName) -> str:
    return f"{rule.property}Prefix"


def _all_tags(account: Account, tags: object) -> Json:
    if tags is UNKNOWN:
        return UNKNOWN
    return {**account.default_tags, **(tags if isinstance(tags, dict) else {})}
