"""Turns what the SDK passes to a policy into plain values: its proxies raise on every value that is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_policy import proxy

from personalize_guardrails.extraction.unknowns import UNKNOWN

_UNKNOWNS: Final = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)


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
