"""Which statements apply to sts:AssumeRole by a service.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "NotPrincipal", "Action" and "NotAction".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_guardrails.trust.parse.document import KINDS, TrustStatement
from personalize_guardrails.trust.parse.loading import Ambiguous
from personalize_guardrails.trust.search.budget import TooComplex

_ACTION: Final = "sts:assumerole"
_ANYBODY: Final = "*"
_MOST_NAMES: Final = 256
_FILLS: Final = ("us-east-1", "1", "")
"""What a wildcard in a service's name may match: a region, or a part of one."""


def names(allows: Iterable[TrustStatement], service: str) -> tuple[str, ...]:
    """Return the names under which a service may come: its own, and the regional ones that an Allow names.

    TooComplex where they are more than fit into a trust policy.
    """
    found = {service: None}
    for allow in allows:
        found |= dict.fromkeys(_spelled_out(allow.elements.get("Principal"), service))
    if len(found) > _MOST_NAMES:
        raise TooComplex
    return tuple(found)


def admitted(allow: TrustStatement, service: str, known: Collection[str]) -> Mapping[str, bool]:
    """Return the known names under which an Allow may let the service assume the role; and whether it names them."""
    if not _acts(allow):
        return {}
    elements = allow.elements
    if "Principal" in elements:
        spelled = dict.fromkeys(_spelled_out(elements["Principal"], service), True)
        if len(spelled) < len(known) and _is_open(elements["Principal"]):
            return dict.fromkeys(known, False) | spelled
        return spelled
    # Excluded for certain only by that very name, or by everybody's.
    excluded = elements.get("NotPrincipal", {})
    return {name: False for name in known if not _includes(excluded, name)}


def denies(denial: TrustStatement, service: str, name: str) -> bool:
    """Return whether a Deny is for certain about the service assuming the role under a name."""
    if not _acts(denial):
        return False
    elements = denial.elements
    if "Principal" in elements:
        return _includes(elements["Principal"], name)
    element = elements.get("NotPrincipal", _ANYBODY)
    # It may be that each name of a service excludes all.
    return isinstance(element, dict) and not _is_open(element) and not any(_spelled_out(element, service))


def is_name_of(text: str, service: str) -> bool:
    """Return whether a principal is a service, by its own name or a regional one."""
    return _name_of(text, service.lower()) is not None


def as_list(value: object) -> Sequence[Any]:
    """Return the values of an element, which may be one or a list."""
    return value if isinstance(value, tuple | list) else (value,)


def lets_in_only(principal: object, service: str) -> bool:
    """Return whether a Principal lets in nobody but the service."""
    if not isinstance(principal, dict) or principal.keys() != {"Service"}:
        return False
    return len(services_in(principal, service)) == len(as_list(principal["Service"]))


def services_in(principal: object, service: str) -> list[str]:
    """Return the names of a service that a Principal lists apart from everybody else; none where it lists everybody."""
    if not isinstance(principal, dict) or "*" in as_list(principal.get("AWS")):
        return []
    names = [name for name in as_list(principal.get("Service")) if isinstance(name, str) and is_name_of(name, service)]
    return [] if any("*" in name or "?" in name for name in names) else names


def _acts(statement: TrustStatement) -> bool:
    """Return whether a statement applies to sts:AssumeRole; an unclear Allow does."""
    elements, allow = statement.elements, statement.allow
    element = "Action" if "Action" in elements else "NotAction"
    listed = _strings(elements.get(element))
    if listed is None:
        return allow
    return any(matches_wildcards(action.lower(), _ACTION) for action in listed) is (element == "Action")


def _includes(element: object, principal: str) -> bool:
    """Return whether a principal element holds the name for certain."""
    if not isinstance(element, dict):
        return element == _ANYBODY
    return _ANYBODY in (_strings(element.get("AWS")) or ()) or principal in (_strings(element.get("Service")) or ())


def _is_open(element: object) -> bool:
    """Return whether a principal element may hold everybody: it does, or what it holds is documented nowhere."""
    if not isinstance(element, dict):
        return not isinstance(element, str) or element == _ANYBODY
    return any(
        kind not in KINDS or (listed := _strings(value)) is None or (kind == "AWS" and _ANYBODY in listed)
        for kind, value in element.items()
    )


def _spelled_out(element: object, service: str) -> list[str]:
    """Return the names of the service that a principal element lists."""
    return [name for text in _services(element) if (name := _name_of(text, service))]


def _services(element: object) -> list[str]:
    """Return what a principal element lists as services; where a key appears twice, under either of its values."""
    if isinstance(element, dict):
        listed = element.get("Service")
        alternatives = listed.values if isinstance(listed, Ambiguous) else (listed,)
        return [text for one in alternatives for text in _strings(one) or ()]
    if isinstance(element, Ambiguous):
        return [text for one in element.values for text in _services(one)]
    return [element] if isinstance(element, str) and element != _ANYBODY else []


def _name_of(text: str, service: str) -> str | None:
    """Return the name of the service that a text is, or may be where it holds wildcards."""
    lowered = text.lower()
    regional = _regional(service)
    if regional.fullmatch(lowered):
        return lowered
    if matches_wildcards(lowered, service):
        return service
    filled = (lowered.replace("*", fill).replace("?", "1") for fill in _FILLS)
    return next(filter(regional.fullmatch, filled), None)


@lru_cache(maxsize=64)
def _regional(service: str) -> re.Pattern[str]:
    """Return the names of a service: `personalize.amazonaws.com`, with a region, of China."""
    first, _, rest = service.partition(".")
    domain = rest.removesuffix(".cn")
    return re.compile(rf"{re.escape(first)}(\.[a-z0-9-]+)?\.{re.escape(domain)}(\.cn)?")


def _strings(value: object) -> list[str] | None:
    """Return the strings of an element; None where it holds anything else, or nothing."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value
    return None
