"""Which statements speak of sts:AssumeRole by a service.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "NotPrincipal", "Action" and "NotAction".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from personalize_guardrails.trust import patterns
from personalize_guardrails.trust.reading import Ambiguous, TrustStatement

_ACTION: Final = "sts:assumerole"
_ANYBODY: Final = "*"


def reaches(statement: TrustStatement, service: str) -> bool:
    """Whether the statement is about the service assuming the role: may be, for an Allow; certainly, for a Deny."""
    return _acts(statement) and _means(statement, service)


def names(statement: TrustStatement, service: str) -> bool:
    """Whether an Allow lets the service in by a principal that it names, or by letting everybody in."""
    return _means(statement, service)


def _acts(statement: TrustStatement) -> bool:
    elements, allow = statement.elements, statement.allow
    if "Action" in elements:
        listed = _strings(elements["Action"])
        return allow if listed is None else any(_matches_action(action) for action in listed)
    if "NotAction" in elements:
        listed = _strings(elements["NotAction"])
        return allow if listed is None else not any(_matches_action(action) for action in listed)
    return allow


def _matches_action(action: str) -> bool:
    lowered = action.lower()
    if lowered == _ACTION:
        return True
    return ("*" in lowered or "?" in lowered) and patterns.like(lowered, variables=False).matches(_ACTION)


def _means(statement: TrustStatement, service: str) -> bool:
    elements, allow = statement.elements, statement.allow
    if "Principal" in elements:
        return _among(elements["Principal"], service, doubt=allow, forms=allow)
    if "NotPrincipal" in elements:
        # Excluded for certain only by the service's own name or by everybody's.
        return not _among(elements["NotPrincipal"], service, doubt=not allow, forms=not allow)
    return allow


def _among(principal: object, service: str, *, doubt: bool, forms: bool) -> bool:
    """Whether a principal element holds the service. `forms`: its regional names and patterns count too."""
    if isinstance(principal, str):
        return principal == _ANYBODY or (doubt and principal.lower() == service)
    if not isinstance(principal, dict):
        return doubt
    for kind, value in principal.items():
        listed = _strings(value)
        if listed is None:
            if doubt:
                return True
            continue
        if kind == "AWS" and _ANYBODY in listed:
            return True
        if kind == "Service" and any(_is_service(name, service, forms=forms) for name in listed):
            return True
    return False


def _is_service(name: str, service: str, *, forms: bool) -> bool:
    lowered = name.lower()
    if not forms:
        return name == service
    if lowered == service:
        return True
    if _regional(service).fullmatch(lowered):
        return True
    return ("*" in lowered or "?" in lowered) and patterns.like(lowered, variables=False).matches(service)


@lru_cache(maxsize=64)
def _regional(service: str) -> re.Pattern[str]:
    """The names of a service: `personalize.amazonaws.com`, with a region, of China."""
    first, _, rest = service.partition(".")
    domain = rest.removesuffix(".cn")
    return re.compile(rf"{re.escape(first)}(\.[a-z0-9-]+)?\.{re.escape(domain)}(\.cn)?")


def _strings(value: object) -> list[str] | None:
    """The strings of an element; None where it holds anything else, or nothing."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Ambiguous) or not isinstance(value, list) or not value:
        return None
    return value if all(isinstance(item, str) for item in value) else None
