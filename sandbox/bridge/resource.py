"""A resource type as Pulumi sees it: inputs checked, defaults and names filled in, states in Pulumi's names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.bridge import autonaming, names
from sandbox.bridge.checks import Failure, refusals, region_is_ours
from sandbox.bridge.plans import Change, changes, says_nothing
from sandbox.bridge.process import ProviderError, RefusedError
from sandbox.bridge.terraform import State, Terraform, Values
from sandbox.bridge.values import MismatchError, object_to_terraform, to_pulumi
from sandbox.bridge.wire import UNKNOWN, Props

if TYPE_CHECKING:
    from sandbox.bridge.catalog import Type

META: Final = "__meta"


@dataclass(frozen=True, slots=True)
class Resource:
    """One type of one configured provider."""

    terraform: Terraform
    kind: Type
    region: str

    def check(
        self, olds: Props, news: Props, automatic_name: Callable[[autonaming.AutoName], str]
    ) -> tuple[Props, list[Failure]]:
        """Return the inputs with names and defaults filled in, and why they are refused."""
        inputs = {name: value for name, value in news.items() if value is not None and name != "__defaults"}
        found = list(refusals(self.kind, self.region, inputs))
        defaults: Props = {}
        made = autonaming.rule(self.kind.name, self.kind.shape)
        if made and not inputs.keys() & {made.attribute, f"{made.attribute}Prefix"}:
            try:
                kept = olds.get(made.attribute) if made.attribute in olds.get("__defaults", []) else None
                defaults[made.attribute] = kept or automatic_name(made)
            except autonaming.AutoNameError as error:
                found.append((made.attribute, str(error)))
        if not found:
            found, more = self._validate({**inputs, **defaults})
            defaults |= more
        return {**inputs, **defaults, "__defaults": sorted(defaults)}, found

    def _validate(self, inputs: Props) -> tuple[list[Failure], Props]:
        """Return why the provider refuses inputs, and its defaults for what they leave out."""
        try:
            config = self.config(inputs)
            self.terraform.validate(self.kind, config)
        except MismatchError as error:
            return [(error.path, str(error))], {}
        except RefusedError as error:
            fields = self.kind.shape.fields
            return [(fields[name].pulumi_name if name in fields else "", text) for name, text in error.found], {}
        return [], self._defaults(config)

    def _defaults(self, config: Values) -> Props:
        """Return what a plan fills in where the configuration says nothing: the wire has no other place for it."""
        try:
            planned = self.terraform.plan(self.kind, None, config).values
        except ProviderError:
            return {}  # the preview of the creation will say why
        return {
            field.pulumi_name: to_pulumi(field.shape, planned[name])
            for name, field in self.kind.shape.fields.items()
            if field.optional and not field.computed and not field.block and config[name] is None
            if planned[name] is not None and planned[name] is not UNKNOWN
        }

    def diff(self, identity: str, olds: Props, news: Props) -> tuple[list[Change], bool]:
        """Return how the last state differs from the inputs, and whether a replacement deletes first."""
        prior, config = self.prior(identity, olds), self.config(news)
        plan = self.terraform.plan(self.kind, prior, config)
        found = changes(self.kind.shape, prior.values, plan.values, config, plan.replacing)
        return found, self._deletes_first(olds, news)

    def config(self, inputs: Props) -> Values:
        """Return inputs as Terraform's configuration."""
        settable = {
            field.pulumi_name: inputs.get(field.pulumi_name)
            for field in self.kind.shape.fields.values()
            if field.settable
        }
        return object_to_terraform(self.kind.shape, settable)

    def prior(self, identity: str, outputs: Props) -> State:
        """Return a recorded state as Terraform has it."""
        values = object_to_terraform(self.kind.shape, outputs)
        values["id"] = values.get("id") or identity  # what was renamed has another id than Pulumi knows
        private = str(outputs.get(META) or "")
        state = State(values, private.encode())
        version = int((json.loads(private or "{}") or {}).get("schema_version", self.kind.version))
        return state if version == self.kind.version else self.terraform.upgrade(self.kind, state, version)

    def outputs(self, values: Values, private: bytes = b"", identity: str = "") -> Props:
        """Return a state, or a planned one, as Pulumi records it: without the id, which Pulumi has and never hides."""
        outputs: Props = to_pulumi(self.kind.shape, values)
        if not identity or outputs.get("id") == identity:
            outputs.pop("id", None)
        for field in self.kind.shape.fields.values():  # a read says {} where a creation said null
            if field.optional and not field.computed and outputs.get(field.pulumi_name) in ({}, []):
                del outputs[field.pulumi_name]
        if region_is_ours(self.kind):
            outputs["region"] = self.region
        return {**outputs, META: private.decode()} if private else outputs

    def inputs(self, state: Props, olds: Props, recorded: Props) -> Props:
        """Return the inputs of a state: those of before, brought up to date where the state changed."""
        if olds:
            kept = {
                name: value if state.get(name) == recorded.get(name) else state[name]
                for name, value in olds.items()
                if name in state
            }
            return {**kept, "__defaults": olds.get("__defaults", [])}
        made = autonaming.rule(self.kind.name, self.kind.shape)
        found = {
            field.pulumi_name: state[field.pulumi_name]
            for name, field in self.kind.shape.fields.items()
            if field.pulumi_name in state
            and name not in {"id", "tags_all"}
            and not (made and name == f"{made.attribute}_prefix")
            and (field.required or (field.optional and not (field.computed and field.deprecated)))
            and (field.required or not says_nothing(state[field.pulumi_name]))
        }
        required = {field.pulumi_name for field in self.kind.shape.fields.values() if field.required}
        defaults = self._defaults(self.config({name: value for name, value in found.items() if name in required}))
        return {name: value for name, value in found.items() if defaults.get(name) != value} | {"__defaults": []}

    def secret(self, secrets: frozenset[str]) -> frozenset[str]:
        """Return the names of secret outputs: what was given as a secret, and what the provider says is one."""
        sensitive = {field.pulumi_name for field in self.kind.shape.fields.values() if field.sensitive}
        return secrets | sensitive | ({"tagsAll"} if "tags" in secrets else set())

    def _deletes_first(self, olds: Props, news: Props) -> bool:
        """Return whether a replacement must delete before it creates: two entities cannot share one name."""
        made = autonaming.rule(self.kind.name, self.kind.shape)
        if self.kind.name in names.DELETED_FIRST or made is None:
            return self.kind.name in names.DELETED_FIRST
        chosen = made.attribute not in news.get("__defaults", [])
        return chosen and news.get(made.attribute) == olds.get(made.attribute)
