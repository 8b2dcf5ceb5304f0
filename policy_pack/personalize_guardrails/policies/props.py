"""What the SDK hands to a policy, as plain values: its proxies raise on every value that is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from personalize_guardrails.extraction.unknowns import UNKNOWN


def plain(value: Any) -> Any:  # noqa: ANN401 - any property
    """The value in plain dicts and lists, with UNKNOWN for what is not known yet."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value.keys()}  # noqa: SIM118 - items() of a proxy raises on unknowns
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(container: Any, key: Any) -> Any:  # noqa: ANN401 - any property
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN
