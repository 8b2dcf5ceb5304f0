"""Reads a trust policy that is a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import ROLE, UNNAMED, Reader, Subject


def _subject(members: Mapping[str, Any], text: str) -> Iterable[Subject]:
    # JSON is passed as text, so that the rule itself finds keys that appear twice.
    document = text if text.lstrip("\ufeff \t\r\n").startswith("{") else members
    yield Subject(ROLE, UNNAMED, properties={"assumeRolePolicy": document}, paths={"assumeRolePolicy": ""})


READER: Final = Reader(
    file="a trust policy, JSON or YAML",
    checked="the document",
    recognizes=lambda members: "Statement" in members,
    whole=_subject,
    finds_duplicates=True,
)
