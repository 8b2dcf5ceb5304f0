"""Policy documents as AWS reads them: sameness of two texts, and sizes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox.emulator.wire import Json

_ROOT: Final = re.compile(r"^arn:[\w-]+:iam::(\d{12}):root$")
_SETS: Final = ("Action", "NotAction", "Resource", "NotResource")


def as_list(value: object) -> list[Any]:
    """A JSON value that may stand alone or in a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def normalize(text: str) -> str:
    """The text without insignificant whitespace, keys sorted: how the provider returns a JSON document."""
    return json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)


def equivalent(old: object, new: object) -> bool:
    """Whether two texts say the same policy: order, single values in lists, and account ids for roots do not matter."""
    if old == new:
        return True
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    try:
        return bool(_canonical(json.loads(old)) == _canonical(json.loads(new)))
    except (ValueError, AttributeError, TypeError):  # not a policy at all: then only the same text is the same
        return False


def size_without_whitespace(text: str) -> int:
    """Characters that count against IAM's quotas: whitespace does not."""
    return len(re.sub(r"\s", "", text))


def _canonical(document: Json) -> Json:
    if "Statement" not in document:
        return document
    return {
        "Version": document.get("Version", "2008-10-17"),
        "Id": document.get("Id", ""),
        "Statement": sorted((_statement(item) for item in as_list(document["Statement"])), key=_key),
    }


def _statement(statement: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = dict(statement)
    for name in _SETS:
        if name in result:
            result[name] = sorted(set(as_list(result[name])))
    for name in ("Principal", "NotPrincipal"):
        if name in result:
            result[name] = _principal(result[name])
    if "Condition" in result:
        result["Condition"] = {
            operator: {key: sorted(_text(item) for item in as_list(values)) for key, values in keys.items()}
            for operator, keys in result["Condition"].items()
            if keys
        }
    return {name: value for name, value in result.items() if value not in ("", {}, [])}


def _principal(principal: Json) -> dict[str, list[str]]:
    groups = {"AWS": ["*"]} if principal == "*" else principal
    return {kind: sorted({_ROOT.sub(r"\1", item) for item in as_list(items)}) for kind, items in groups.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _key(value: object) -> str:
    return json.dumps(value, sort_keys=True)
