"""Reads templates of CloudFormation and SAM, and what `aws cloudformation get-template` returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalize_guardrails.audit.subjects import STACK, Reader, Subject
from personalize_guardrails.extraction.duplicate_keys import DUPLICATES, doubled_keys


def _subject(members: Mapping[str, Any], text: str) -> Iterable[Subject]:
    """Yield a template as the subject of a stack with that body."""
    body, path, fault = text or members, "", ""
    if "TemplateBody" in members:
        body, path = members["TemplateBody"], "TemplateBody"
        if path in doubled_keys(members):
            fault = DUPLICATES
        elif not body:
            fault = "its TemplateBody is missing"
    yield Subject(STACK, properties={"templateBody": body}, fault=fault, paths={"templateBody": path})


READER: Final = Reader(
    file="a CloudFormation or SAM template, JSON or YAML; `aws cloudformation get-template`",
    checked="every role in it, in each outcome of its conditions; parameters have the values of `--parameter`, or "
    "their defaults",
    not_checked="nested stacks and templates at an address, macros, modules, `AWS::Include`, applications and products "
    "of Service Catalog, which are listed",
    recognizes=lambda members: (
        isinstance(members.get("Resources"), Mapping)
        or "TemplateBody" in members
        or "Resources" in doubled_keys(members)
    ),
    whole=_subject,
    finds_duplicates=True,
)
