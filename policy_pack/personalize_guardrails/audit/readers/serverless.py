"""Reads the resources in a configuration of the Serverless Framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import STACK, Reader, Subject

_ELSEWHERE: Final = "its resources are in other files; check the template that `serverless package` writes"


def _subjects(members: Mapping[str, Any], _text: str) -> Iterable[Subject]:
    """Yield the resources of a Serverless configuration as a template."""
    parts = members.get("resources")
    for index, part in enumerate(parts if isinstance(parts, list) else [parts]):
        path = f"resources[{index}]" if isinstance(parts, list) else "resources"
        if isinstance(part, Mapping) and isinstance(part.get("Resources"), Mapping):
            yield Subject(STACK, properties={"templateBody": part}, paths={"templateBody": path})
        elif isinstance(part, str) or (isinstance(part, Mapping) and isinstance(part.get("Resources"), str)):
            yield Subject(STACK, path, fault=_ELSEWHERE)


READER: Final = Reader(
    file="`serverless.yml`",
    checked="every role under `resources`",
    not_checked="`${file(...)}`, which is a fault; the roles that the framework makes for functions, which only let "
    "Lambda in",
    recognizes=lambda members: "service" in members and "provider" in members,
    whole=_subjects,
)
