"""Reads what Cloud Control returns for a resource.

Source: Cloud Control API Reference, GetResource and ListResources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import Reader, Subject
from personalize_guardrails.extraction.duplicate_keys import parsed
from personalize_guardrails.extraction.intrinsic_functions import members
from personalize_guardrails.extraction.resource_types import CLOUD_CONTROL, ROLE, STACKS, TRUST_POLICY

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    ROLE: (TRUST_POLICY,),
    **dict.fromkeys(STACKS, ("TemplateBody", "TemplateURL")),
}
"""The members of a resource by type; it needs one of them to be checked."""


def _subjects(found: Mapping[str, Any], _text: str) -> Iterable[Subject]:
    """Yield the resources in a response of Cloud Control."""
    kind, listed = found.get("TypeName"), found.get("ResourceDescriptions")
    places = {"ResourceDescription": found.get("ResourceDescription")}
    if isinstance(listed, list):
        places = {f"ResourceDescriptions[{index}]": each for index, each in enumerate(listed)}
    for place, description in places.items():
        state = members(description).get("Properties")
        yield Subject(
            CLOUD_CONTROL,
            str(members(description).get("Identifier") or ""),
            properties={"typeName": kind, "desiredState": state},
            fault=_fault(kind, state),
            paths={"desiredState": f"{place}.Properties"},
        )


def _fault(kind: object, state: object) -> str:
    """Return why a resource cannot be checked, or "": Cloud Control lists some types without all properties."""
    if state is None:
        return "its Properties are missing"
    described = parsed(state)  # what is not JSON is a violation
    needed = _NEEDED.get(str(kind), ())
    is_missing = isinstance(described, Mapping) and needed and not set(needed) & described.keys()
    return f"its {needed[0]} is missing; check what `aws cloudcontrol get-resource` returns" if is_missing else ""


READER: Final = Reader(
    file="`aws cloudcontrol get-resource`, `aws cloudcontrol list-resources`",
    checked="roles, stacks and stack sets",
    not_checked="resources of other types; a role or a stack that is listed without its document is a fault",
    recognizes=lambda found: (
        "TypeName" in found and bool({"ResourceDescription", "ResourceDescriptions"} & found.keys())
    ),
    whole=_subjects,
)
