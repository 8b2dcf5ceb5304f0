"""Policy documents as the provider compares and writes them."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_ROOT: Final = re.compile(r"^arn:[\w-]+:iam::(\d{12}):root$")
_SETS: Final = ("Action", "NotAction", "Resource", "NotResource")


def normalize(text: str) -> str:
    """Return the text without insignificant whitespace, keys sorted: how the provider writes a JSON document."""
    return json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def meaning(text: object) -> object:
    """Return the same for texts of the same policy: order, lists of one and account ids for roots do not matter."""
    if not isinstance(text, str):
        return text
    try:
        return json.dumps(_policy(json.loads(text)), sort_keys=True)
    except (ValueError, AttributeError, TypeError):  # not a policy at all: then only the same text is the same
        return text


def _policy(document: Any) -> Any:  # noqa: ANN401 - any JSON value
    if "Statement" not in document:
        return document
    statements = [_statement(item) for item in _listed(document["Statement"])]
    return {
        "Version": document.get("Version", "2008-10-17"),
        "Id": document.get("Id", ""),
        "Statement": sorted(statements, key=lambda statement: json.dumps(statement, sort_keys=True)),
    }


def _statement(statement: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = dict(statement)
    for name in result.keys() & _SETS:
        result[name] = sorted(set(_listed(result[name])))
    for name in result.keys() & {"Principal", "NotPrincipal"}:
        groups = {"AWS": ["*"]} if result[name] == "*" else result[name]
        result[name] = {kind: sorted({_ROOT.sub(r"\1", item) for item in _listed(of)}) for kind, of in groups.items()}
    if "Condition" in result:
        result["Condition"] = {
            operator: {key: sorted(json.dumps(item).strip('"') for item in _listed(of)) for key, of in keys.items()}
            for operator, keys in result["Condition"].items()
            if keys
        }
    return {name: value for name, value in result.items() if value not in ("", {}, [])}


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, list) else [] if value is None else [value]
