"""Tells why a run of the engine failed, from its events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.session import Result

_COLOR: Final = re.compile(r"<\{%[^%]*%\}>")
_LINES: Final = 20
"""As much of one message is shown: a traceback ends with what it is about."""


def causes(result: Result) -> str:
    """Return the errors of resources and programs and the violated mandatory policies, each once, in their order."""
    return "\n".join(dict.fromkeys(_messages(result)))


def _messages(result: Result) -> Iterator[str]:
    for event in result.of("policyEvent"):
        if event["enforcementLevel"] == "mandatory":
            yield f"{_name(event['resourceUrn'])}: {event['policyName']}: {_clean(event['message'])}"
    for event in result.of("diagnosticEvent"):
        if event["severity"] == "error" and (text := _clean(event["message"])):
            yield f"{_name(event['urn'])}: {text}" if event.get("urn") else text


def _name(urn: str) -> str:
    """Return the type and the name of a resource, as the engine's own lists do."""
    *_, kind, name = urn.split("::")
    return f"{kind.rpartition('$')[2]} {name}"


def _clean(message: str) -> str:
    """Return the end of a message without the marks of colors."""
    return "\n".join(_COLOR.sub("", message).strip().splitlines()[-_LINES:])
