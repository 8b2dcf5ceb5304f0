"""Reads what Cloud Control returns of a resource.

Source: Cloud Control API Reference, GetResource and ListResources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.audit.subjects import Reader, Subject, members
from personalize_guardrails.extraction.resource_types import CLOUD_CONTROL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _subjects(found: Mapping[str, Any], _text: str) -> Iterable[Subject]:
    """Yield the resources of an answer of Cloud Control."""
    listed = found.get("ResourceDescriptions")
    one = found.get("ResourceDescription")
    descriptions = listed if isinstance(listed, list) else [one]
    for index, description in enumerate(descriptions):
        state = members(description).get("Properties")
        place = f"ResourceDescriptions[{index}]" if isinstance(listed, list) else "ResourceDescription"
        yield Subject(
            CLOUD_CONTROL,
            str(members(description).get("Identifier") or ""),
            properties={"typeName": found.get("TypeName"), "desiredState": state},
            fault="" if state is not None else "its Properties are missing",
            paths={"desiredState": f"{place}.Properties"},
        )


READER: Final = Reader(
    file="`aws cloudcontrol get-resource`, `aws cloudcontrol list-resources`",
    checked="roles, stacks and stack sets",
    not_checked="resources of other types",
    recognizes=lambda found: (
        "TypeName" in found and bool({"ResourceDescription", "ResourceDescriptions"} & found.keys())
    ),
    whole=_subjects,
)
