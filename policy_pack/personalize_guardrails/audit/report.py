"""What an audit found: the one model that every output format renders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from personalize_guardrails.trust import Finding


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding, and where it is. Of kind `unsatisfiable` it is a notice: safe, but the role cannot be used."""

    source: str
    """The file as it was named, or `-`."""
    subject: str
    """URN, ARN or logical id of the role; empty where the file is a trust policy."""
    path: str
    """From the subject to the offending statement."""
    finding: Finding

    @property
    def is_notice(self) -> bool:
        """Whether it only informs."""
        return self.finding.kind is Kind.UNSATISFIABLE


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be judged, and why."""

    source: str
    subject: str
    message: str


@dataclass(slots=True)
class Report:
    """Everything that one audit found, in the order of its sources."""

    violations: list[Violation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    exempted: list[tuple[str, str]] = field(default_factory=list)
    """Subject, and the exemption in words."""
    sources: list[str] = field(default_factory=list)
    judged: int = 0
    """Number of trust policies that were judged."""

    @property
    def exit_code(self) -> int:
        """1 where there is a violation; else 2 where something could not be judged; else 0."""
        if any(not each.is_notice for each in self.violations):
            return 1
        return 2 if self.problems else 0
