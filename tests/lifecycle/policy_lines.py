"""Policies in words that compare: one line for each action on each resource, however statements group them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

Statement = Mapping[str, Any]


def lines(document: str | Mapping[str, Any]) -> list[str]:
    """What a policy document says."""
    policy = json.loads(document) if isinstance(document, str) else document
    return sorted(line for statement in _many(policy["Statement"]) for line in statement_lines(statement))


def statement_lines(statement: Statement) -> list[str]:
    """What one statement says."""
    principals = _principals(statement.get("Principal"))
    actions = _many(statement.get("Action", ())) or [f"all but {each}" for each in _many(statement["NotAction"])]
    when = condition(statement.get("Condition", {}))
    return [
        line(action, resource, principal, when, effect=statement["Effect"])
        for principal, action, resource in itertools.product(principals, actions, _many(statement.get("Resource", "")))
    ]


def line(action: str, resource: str = "", principal: str = "", when: str = "", *, effect: str = "Allow") -> str:
    """One action on one resource."""
    words = [effect, principal, action, resource and f"on {resource}", when and f"if {when}"]
    return " ".join(word for word in words if word)


def condition(operators: Mapping[str, Mapping[str, Any]]) -> str:
    """The words for a condition block."""
    return " and ".join(
        f"{operator} {key} {'|'.join(sorted(_many(values)))}"
        for operator, keys in sorted(operators.items())
        for key, values in sorted(keys.items())
    )


def _principals(principal: Any) -> list[str]:
    if principal is None:
        return [""]
    if isinstance(principal, str):
        return [principal]
    return [f"{kind}:{value}" for kind, values in principal.items() for value in _many(values)]


def _many(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | Mapping) else list(value)
