"""What the provider does with a type: validate, plan, apply, read, import and look up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.bridge.plans import propose
from sandbox.bridge.process import ProviderError, RefusedError, errors_in
from sandbox.bridge.values import pack, unpack

if TYPE_CHECKING:
    from sandbox.bridge.catalog import Type
    from sandbox.bridge.protocol import TerraformProvider

Values = dict[str, Any]
"""An object's values by their Terraform names."""


@dataclass(frozen=True, slots=True)
class State:
    """A resource's state, and what the provider keeps for itself beside it."""

    values: Values
    private: bytes = b""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would give, and the attributes that cannot change in place."""

    values: Values
    private: bytes
    replacing: frozenset[str]


class ApplyError(ProviderError):
    """An apply that failed; `left` is the state of what exists all the same, None where nothing does."""

    def __init__(self, reason: str, left: State | None) -> None:
        super().__init__(reason)
        self.left = left
        self.recorded: tuple[str, Any] | None = None
        """The id and the properties of what is left, as the engine records them."""


@dataclass(frozen=True, slots=True)
class Terraform:
    """Terraform core's part in front of a configured provider."""

    process: TerraformProvider

    def validate(self, kind: Type, config: Values) -> None:
        """Raise RefusedError where the provider refuses a configuration."""
        self.process.call("ValidateResourceTypeConfig", type_name=kind.name, config=pack(config))

    def plan(self, kind: Type, prior: State | None, config: Values) -> Plan:
        """Plan a creation or an update."""
        answer = self.process.call(
            "PlanResourceChange",
            type_name=kind.name,
            prior_state=pack(prior.values if prior else None),
            proposed_new_state=pack(propose(kind.shape, prior.values if prior else None, config)),
            config=pack(config),
            prior_private=prior.private if prior else b"",
        )
        replacing = frozenset(path.steps[0].attribute_name for path in answer.requires_replace if path.steps)
        return Plan(unpack(answer.planned_state), answer.planned_private, replacing)

    def apply(self, kind: Type, prior: State | None, config: Values) -> State:
        """Create or update, and return the new state; ApplyError where it fails."""
        plan = self.plan(kind, prior, config)
        if prior and plan.values == prior.values:  # as after a creation that made it and then failed
            return prior
        state, reason = self._apply(kind, prior, plan.values, config, plan.private)
        if reason:
            raise ApplyError(reason, self._left(kind, state))
        if state is None or not state.values.get("id"):
            raise ProviderError(f"{kind.name} has no id after it was applied")
        return state

    def delete(self, kind: Type, prior: State) -> None:
        """Delete; what is gone already is no error."""
        _, reason = self._apply(kind, prior, None, None, prior.private)
        if reason:
            raise ProviderError(reason)

    def read(self, kind: Type, state: State) -> State | None:
        """Return the state as AWS has it, None where the resource is gone."""
        answer = self.process.call(
            "ReadResource", type_name=kind.name, current_state=pack(state.values), private=state.private
        )
        values = unpack(answer.new_state)
        return State(values, answer.private) if values else None

    def adopt(self, kind: Type, identity: str) -> State | None:
        """Return the state of a resource that is known by its id only, None where there is none."""
        answer = self.process.call("ImportResourceState", type_name=kind.name, id=identity)
        imported = [each for each in answer.imported_resources if each.type_name == kind.name]
        return self.read(kind, State(unpack(imported[0].state), imported[0].private)) if imported else None

    def upgrade(self, kind: Type, state: State, version: int) -> State:
        """Return a state that another version of the provider wrote in this one's form."""
        answer = self.process.call(
            "UpgradeResourceState",
            type_name=kind.name,
            version=version,
            raw_state={"json": json.dumps(state.values).encode()},
        )
        return State(unpack(answer.upgraded_state), state.private)

    def look_up(self, kind: Type, config: Values) -> Values:
        """Return what a data source answers."""
        for call in ("ValidateDataSourceConfig", "ReadDataSource"):
            answer = self.process.call(call, type_name=kind.name, config=pack(config))
        values: Values = unpack(answer.state)
        return values

    def _apply(
        self, kind: Type, prior: State | None, planned: Values | None, config: Values | None, private: bytes
    ) -> tuple[State | None, str]:
        """Return the new state, None where nothing exists, and why it failed."""
        answer = self.process.call(
            "ApplyResourceChange",
            type_name=kind.name,
            prior_state=pack(prior.values if prior else None),
            planned_state=pack(planned),
            config=pack(config),
            planned_private=private,
        )
        values: Mapping[str, Any] | None = unpack(answer.new_state)
        found = errors_in(answer)
        state = State(dict(values), answer.private) if values else None
        return state, str(RefusedError(found)) if found else ""

    def _left(self, kind: Type, state: State | None) -> State | None:
        """Return what AWS has after a failure: the SDK answers the plan as if all of it had been done.

        Terraform reads anew before each plan, so it does not mind; Pulumi goes by what is recorded.
        """
        if state is None or not state.values.get("id"):
            return None
        try:
            return self.read(kind, state) or state
        except ProviderError:
            return state
