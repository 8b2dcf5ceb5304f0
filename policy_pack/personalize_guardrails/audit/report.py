"""What an audit found: the one model that every output format renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from personalize_guardrails.trust import Finding


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one trust policy, or of a file that could not be read."""

    file: str
    """As it was named; `-` is standard input."""
    name: str = ""
    """The role: its name or logical id."""
    identity: str = ""
    """The role's ARN, or the URN of the resource that it is in, where there is one."""
    path: str = ""
    """From the file or the resource to the trust policy."""
    findings: tuple[Finding, ...] = ()
    fault: str = ""
    """Why it could not be judged, or not to the end; empty where it was. Quotes nothing."""
    exemptions: tuple[str, ...] = ()
    """The exemptions that kept findings away, in words."""

    @property
    def violates(self) -> bool:
        """Whether a finding is a violation."""
        return any(finding.kind is not Kind.UNSATISFIABLE for finding in self.findings)
