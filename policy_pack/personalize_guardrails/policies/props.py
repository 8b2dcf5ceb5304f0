"""Turns what the SDK passes to a policy into plain values: its proxies raise on every value that is not known yet."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pulumi_policy import PolicyResource, proxy

from personalize_guardrails.extraction.declared import declared
from personalize_guardrails.extraction.unknowns import UNKNOWN

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared

_UNKNOWNS: Final = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))


def materialize(value: Any) -> Any:  # noqa: ANN401 - any property
    """Return the value as dicts and lists, with UNKNOWN in place of what is not known yet."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value.keys()}  # noqa: SIM118 - items() of a proxy raises on unknowns
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    # Remediations get values without proxies; `pulumi policy analyze` replaces secrets that it cannot decrypt.
    return UNKNOWN if isinstance(value, str) and (value in _UNKNOWNS or value == "[secret]") else value


def _item(container: Any, key: Any) -> Any:  # noqa: ANN401 - any property
    try:
        return materialize(container[key])
    except proxy.UnknownValueError:
        return UNKNOWN


def declared_in(
    resources: Iterable[PolicyResource], types: Container[str]
) -> Iterator[tuple[PolicyResource, Declared]]:
    """Yield the AWS resources that those of the Pulumi types declare, each with the resource that declares it."""
    for resource in resources:
        if resource.resource_type in types:
            for each in declared(resource.resource_type, materialize(resource.props), scope=resource.name):
                yield resource, each
