"""One statement of a policy, in canonical form.

Source: IAM User Guide, "IAM JSON policy elements: Statement" and the pages of each element.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from personalize_guardrails.iam.principals import ANYONE, Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        if self.principals and self.not_principals:
            raise ValueError("a statement has either principals or not_principals")
        if self.resources and self.not_resources:
            raise ValueError("a statement has either resources or not_resources")

    def to_dict(self) -> dict[str, object]:
        """Return the statement as JSON-ready values in IAM's customary order of elements."""
        rendered: dict[str, object] = {}
        if self.sid is not None:
            rendered["Sid"] = self.sid
        rendered["Effect"] = self.effect.value
        if self.principals:
            rendered["Principal"] = _render_principals(self.principals)
        if self.not_principals:
            rendered["NotPrincipal"] = _render_principals(self.not_principals)
        if self.actions:
            rendered["Action"] = list(self.actions)
        if self.not_actions:
            rendered["NotAction"] = list(self.not_actions)
        if self.resources:
            rendered["Resource"] = _collapse(self.resources)
        if self.not_resources:
            rendered["NotResource"] = _collapse(self.not_resources)
        if self.conditions:
            block: dict[str, dict[str, object]] = {}
            for condition in self.conditions:
                block.setdefault(str(condition.operator), {})[condition.key] = _collapse(condition.values)
            rendered["Condition"] = block
        return rendered


def _canonical_strings(element: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return texts sorted and without duplicates."""
    if isinstance(values, str):
        raise TypeError(f"{element} are a tuple of strings, not a string")
    canonical = tuple(sorted(set(values)))
    if "" in canonical:
        raise ValueError(f"{element} contain an empty string")
    return canonical


def _canonical_principals(principals: Iterable[Principal]) -> tuple[Principal, ...]:
    canonical = tuple(sorted(set(principals), key=lambda principal: (principal.kind.value, principal.value)))
    if len(canonical) > 1 and canonical[0].kind is PrincipalKind.ANY:
        raise ValueError("the bare '*' cannot be combined: write Principal.aws('*') beside other principals")
    return canonical


def _render_principals(principals: tuple[Principal, ...]) -> object:
    """Return principals as the value of a Principal element."""
    if principals[0].kind is PrincipalKind.ANY:
        return ANYONE
    by_kind: dict[str, list[str]] = {}
    for principal in principals:
        by_kind.setdefault(principal.kind.value, []).append(principal.value)
    return {kind: _collapse(values) for kind, values in by_kind.items()}


def _collapse(values: tuple[str, ...] | list[str]) -> object:
    return values[0] if len(values) == 1 else list(values)
