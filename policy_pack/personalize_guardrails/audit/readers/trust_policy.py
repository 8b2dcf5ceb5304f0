"""Reads a trust policy by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import ROLE, UNNAMED, Reader, Subject


def _subject(members: Mapping[str, Any], text: str) -> Iterable[Subject]:
    # As text where it is JSON: the rule itself decides about keys that appear twice.
    document = text if text.lstrip("\ufeff \t\r\n").startswith("{") else members
    yield Subject(ROLE, UNNAMED, properties={"assumeRolePolicy": document}, paths={"assumeRolePolicy": ""})


READER: Final = Reader(
    file="a trust policy, JSON or YAML",
    checked="the document",
    recognizes=lambda members: "Statement" in members,
    whole=_subject,
    finds_duplicates=True,
)
