"""Policy documents.

Source: IAM User Guide, "IAM JSON policy elements: Version", "Id" and "Statement"; "IAM and AWS STS quotas".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalize_guardrails.iam.parsing import parse_policy

if TYPE_CHECKING:
    from personalize_guardrails.iam.statements import Statement

CURRENT_VERSION: Final = "2012-10-17"


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy document; statements keep their order. Where `version` is None, IAM assumes 2008-10-17."""

    statements: tuple[Statement, ...]
    version: str | None = CURRENT_VERSION
    id: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "statements", tuple(self.statements))

    @classmethod
    def parse(cls, source: str | Mapping[str, object]) -> PolicyDocument:
        """Parse JSON text, or a mapping that holds the same values.

        It is strict and raises MalformedPolicy for unknown elements, duplicate keys, and empty lists.
        """
        statements, version, identifier = parse_policy(source)
        return cls(statements, version, identifier)

    def to_dict(self) -> dict[str, object]:
        """Return the document as values for the json module; every call returns new ones."""
        statements = [statement.to_dict() for statement in self.statements]
        elements = {"Version": self.version, "Id": self.id, "Statement": statements}
        return {name: value for name, value in elements.items() if value is not None}

    def to_json(self) -> str:
        """Return compact and deterministic text: equal documents give equal text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    @property
    def size(self) -> int:
        """The number of characters that IAM counts for its quotas: white space does not count."""
        return sum(map(len, self.to_json().split()))

    def merge(self, other: PolicyDocument) -> PolicyDocument:
        """Return this document with `other`'s statements: they replace those with the same Sid, or are appended.

        Version and Id stay this document's. A statement without Sid that this document has already is not repeated, so
        merging twice changes nothing. ValueError where merging would lose a statement or change its meaning: a Sid that
        appears twice in one document, or policy variables under another version.
        """
        ours, theirs = (Counter(each.sid for each in one.statements if each.sid) for one in (self, other))
        if any(count > 1 or ours[sid] > 1 for sid, count in theirs.items()):
            raise ValueError("several statements have one Sid, which does not say which of them is replaced")
        if other.version != self.version and any(_has_variables(statement) for statement in other.statements):
            raise ValueError("policy variables change their meaning under the version of the other document")
        replacing: dict[str | None, Statement] = {each.sid: each for each in other.statements if each.sid}
        merged = [replacing.get(each.sid, each) for each in self.statements]
        for statement in other.statements:
            if statement.sid not in ours if statement.sid else statement not in merged:
                merged.append(statement)
        return PolicyDocument(tuple(merged), self.version, self.id)


def _has_variables(statement: Statement) -> bool:
    """Return whether a statement has policy variables, which need Version 2012-10-17."""
    in_conditions = (value for condition in statement.conditions for value in condition.values)
    return any("${" in value for value in (*statement.resources, *statement.not_resources, *in_conditions))
