"""The stack's state before this run: previews find resources that a new one would clash with."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi
from pulumi.output import Unknown

from personalize_permissions._runtime.lookup_errors import error_summary, is_engine_closing, unanswered
from personalize_permissions._runtime.outputs import combine
from personalize_permissions._runtime.run_scope import PerRun

_LOOKUP: Final = "pulumi:pulumi:readStackResourceOutputs"
_state: Final = PerRun[pulumi.Output["State"]]()
Outputs = Mapping[str, Any]
"""Outputs of a resource in the stack's state."""
State = Mapping[str, tuple[str, Outputs]]
"""Type and outputs of each resource by its URN."""


def refuse_twins(
    resource: pulumi.CustomResource,
    refuse: Callable[[list[str]], object],
    is_twin: Callable[..., bool],
    *values: object,
    itself: bool = False,
) -> list[pulumi.Output[object]]:
    """Call `refuse` with the URNs of the twins of `resource` in the stack's state, if it is to be created.

    Return what has to be resolved before `resource` is used. `is_twin` compares the outputs of resources of its type
    with `values`. Pulumi creates first and deletes last, so the deletion of a twin takes away what `resource` has just
    made. `itself`: compare what `resource` replaces too. A preview knows the id of everything in the stack; an update
    learns too late what is new, and nothing is refused there.
    """
    if not pulumi.runtime.is_dry_run():
        return []

    def find(urn: str, state: State, *known: object) -> object:
        twins = [
            each
            for each, (kind, outputs) in state.items()
            if kind == resource.pulumi_resource_type and (itself or each != urn) and is_twin(outputs, *known)
        ]
        return refuse(twins) if twins else None

    def look(physical: object) -> object:
        return combine(find, resource.urn, _resources(), *values) if isinstance(physical, Unknown) else None

    return [resource.id.apply(look, run_with_unknowns=True)]


def is_in_state(resource: pulumi.Resource) -> pulumi.Output[bool]:
    """Return whether the stack had a resource of that URN before this run."""
    return pulumi.Output.unsecret(combine(lambda state, urn: urn in state, _resources(), resource.urn))


def _resources() -> pulumi.Output[State]:
    """Return the stack's state, looked up once per program."""
    known = _state.of_this_run()
    if _LOOKUP not in known:
        name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
        asked = pulumi.runtime.invoke_output(_LOOKUP, {"stackName": name})
        found: pulumi.Output[State] = asked.apply(
            lambda answer: {urn: (each["type"], each["outputs"]) for urn, each in answer["outputs"].items()}
        )
        known[_LOOKUP] = found.recover(_unread)
    return known[_LOOKUP]


def _unread(error: Exception) -> pulumi.Input[State]:
    if is_engine_closing(error):
        return unanswered()
    pulumi.log.warn(
        "The stack's state cannot be read, so this preview cannot say whether another resource of the stack has a "
        f"policy or an attachment that it shows as new: {error_summary(error)}"
    )
    return {}


def logical_name(urn: str) -> str:
    """Return the name of a resource in this stack: its logical name, or its URN where it has a parent."""
    kind, name = urn.split("::", 3)[2:]
    return urn if "$" in kind else name
