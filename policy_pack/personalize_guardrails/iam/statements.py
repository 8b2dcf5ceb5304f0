"""Statements of a policy, in canonical form.

Source: IAM User Guide, "IAM JSON policy elements: Statement" and the pages of each element.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from personalize_guardrails.iam.principals import ANYONE, Principal, PrincipalKind

if TYPE_CHECKING:
    from personalize_guardrails.iam.conditions import Condition


class Effect(StrEnum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; sequences keep a canonical order, so equal statements render equal JSON.

    Exactly one of `actions` and `not_actions` is given, at most one of `principals` and `not_principals` and of
    `resources` and `not_resources`; anything else is a ValueError. An empty `sid` is not the same as none.
    """

    effect: Effect
    sid: str | None = None
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        """Sort every sequence, and raise ValueError for elements that do not fit together."""
        for element in ("actions", "not_actions", "resources", "not_resources"):
            object.__setattr__(self, element, _canonical_strings(element, getattr(self, element)))
        for element in ("principals", "not_principals"):
            object.__setattr__(self, element, _canonical_principals(getattr(self, element)))
        conditions = tuple(sorted(set(self.conditions), key=lambda c: (str(c.operator), c.key, c.values)))
        object.__setattr__(self, "conditions", conditions)
        if len({(condition.operator, condition.key) for condition in conditions}) < len(conditions):
            raise ValueError("a statement tests a key once under an operator: write the values into one condition")
        if bool(self.actions) == bool(self.not_actions):
            raise ValueError("a statement has either actions or not_actions")
        for element in ("principals", "resources"):
            if getattr(self, element) and getattr(self, f"not_{element}"):
                raise ValueError(f"a statement has either {element} or not_{element}")

    def to_dict(self) -> dict[str, object]:
        """Return the statement as values for the json module, with the elements in IAM's usual order."""
        tests: dict[str, dict[str, object]] = {}
        for condition in self.conditions:
            tests.setdefault(str(condition.operator), {})[condition.key] = _collapse(condition.values)
        elements: dict[str, object] = {
            "Sid": self.sid,
            "Effect": self.effect.value,
            "Principal": _render_principals(self.principals),
            "NotPrincipal": _render_principals(self.not_principals),
            "Action": list(self.actions),
            "NotAction": list(self.not_actions),
            "Resource": _collapse(self.resources),
            "NotResource": _collapse(self.not_resources),
            "Condition": tests,
        }
        return {name: value for name, value in elements.items() if value or value == ""}  # a Sid may be empty


def _canonical_strings(element: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return strings sorted and without duplicates; ValueError where one is empty."""
    if isinstance(values, str):
        raise TypeError(f"{element} are a tuple of strings, not a string")
    canonical = tuple(sorted(set(values)))
    if "" in canonical:
        raise ValueError(f"{element} contain an empty string")
    return canonical


def _canonical_principals(principals: Iterable[Principal]) -> tuple[Principal, ...]:
    """Return principals sorted and without duplicates; ValueError where the bare `*` is among others."""
    canonical = tuple(sorted(set(principals), key=lambda principal: (principal.kind.value, principal.value)))
    if len(canonical) > 1 and canonical[0].kind is PrincipalKind.ANY:
        raise ValueError("the bare '*' cannot be combined: write Principal.aws('*') beside other principals")
    return canonical


def _render_principals(principals: tuple[Principal, ...]) -> object:
    """Return principals as the value of a Principal element."""
    if principals and principals[0].kind is PrincipalKind.ANY:
        return ANYONE
    by_kind: dict[str, list[str]] = {}
    for principal in principals:
        by_kind.setdefault(principal.kind.value, []).append(principal.value)
    return {kind: _collapse(values) for kind, values in by_kind.items()}


def _collapse(values: tuple[str, ...] | list[str]) -> object:
    return values[0] if len(values) == 1 else list(values)
