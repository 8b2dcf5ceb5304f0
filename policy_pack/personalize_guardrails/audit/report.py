"""The model of an audit's results, which every output format renders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from personalize_guardrails.audit.positions import Position
    from personalize_guardrails.configuration import Exemption, PackConfig
    from personalize_guardrails.trust import Finding

ABOUT: Final = "https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html"
_MOST_NAMES: Final = 10


class Severity(StrEnum):
    """`high`: a violation. `low`: safe, but the role cannot be used."""

    HIGH = "high"
    LOW = "low"


SEVERITIES: Final[Mapping[Kind, Severity]] = MappingProxyType(
    {Kind.UNGUARDED: Severity.HIGH, Kind.MALFORMED: Severity.HIGH, Kind.UNSATISFIABLE: Severity.LOW}
)


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one trust policy, or on a file that could not be read."""

    file: str
    """The file as the caller named it; `-` is standard input."""
    name: str = ""
    """The role: its name or logical id."""
    identity: str = ""
    """The role's ARN, or the URN of its resource, where there is one."""
    path: str = ""
    """The path of the trust policy in the file or the resource."""
    findings: tuple[Finding, ...] = ()
    fault: str = ""
    """Why the trust policy could not be checked completely, or empty. It quotes no values of the document."""
    exempted: tuple[tuple[Finding, Exemption], ...] = ()
    """The violations that exemptions cover, each with its exemption."""
    positions: Mapping[str, Position] = field(default_factory=dict, hash=False)
    """Line and column in the file, by the path in the trust policy; the empty path is the policy itself."""
    skipped: str = ""
    """What the file is, or the skipped files of a folder are, where there is nothing to check."""

    def position(self, path: str = "") -> Position | None:
        """Return line and column of a path in the trust policy; None where they are not known."""
        return self.positions.get(path) or self.positions.get("")

    @property
    def violates(self) -> bool:
        """Whether a finding is a violation."""
        return any(SEVERITIES[finding.kind] is Severity.HIGH for finding in self.findings)


def file_position(result: Result, finding: Finding) -> str:
    """Return the file of a finding, with line and column where they are known."""
    position = result.position(finding.path)
    return f"{result.file}:{position.line}:{position.column}" if position else result.file


@dataclass(slots=True)
class Count:
    """The number of trust policies by verdict. Each is counted once, by its worst verdict."""

    faulty: int = 0
    """Not checked, or not completely."""
    violating: int = 0
    unsatisfiable: int = 0
    """They can never match."""
    exempted: int = 0
    guarded: int = 0
    """Guarded, or for none of the services that are checked."""

    def add(self, result: Result) -> None:
        """Count the trust policy of a result."""
        if result.violates:
            self.violating += 1
        elif result.fault:
            self.faulty += 1
        elif result.findings:
            self.unsatisfiable += 1
        elif result.exempted:
            self.exempted += 1
        else:
            self.guarded += 1

    @property
    def checked(self) -> int:
        """The number of trust policies that were checked."""
        return self.violating + self.unsatisfiable + self.exempted + self.guarded


class ExemptionStatus(StrEnum):
    """The status of an exemption of the configuration in an audit."""

    IN_USE = "in use"
    EXPIRED = "expired"
    UNUSED = "unused"


@dataclass(slots=True)
class ExemptionUse:
    """One exemption of the configuration, and what it covers."""

    exemption: Exemption
    count: int = 0
    """The number of trust policies with a violation that it covers."""
    names: str = ""
    """The names of the first of their roles."""

    def add(self, name: str) -> None:
        """Count one more role."""
        if self.count < _MOST_NAMES:
            self.names += f", {name}" if self.count else name
        elif self.count == _MOST_NAMES:
            self.names += ", …"
        self.count += 1

    @property
    def status(self) -> ExemptionStatus:
        """Whether it covers a trust policy, or still could."""
        if self.count:
            return ExemptionStatus.IN_USE
        return ExemptionStatus.EXPIRED if self.exemption.is_expired() else ExemptionStatus.UNUSED


@dataclass
class Audit:
    """The results of an audit, and after the last one, the totals."""

    source: Iterable[Result]
    config: PackConfig
    asked: Iterable[str] = ()
    """The files, including those without a trust policy."""
    total: Count = field(default_factory=Count)
    files: dict[str, Count] = field(default_factory=dict)
    codes: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    """Findings by kind and code."""
    unreadable: bool = False
    """Whether anything could not be read or checked."""
    _uses: dict[Exemption, ExemptionUse] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Result]:
        """Yield every result, once."""
        self.files.update((file, Count()) for file in self.asked)
        for result in self.source:
            if result.skipped:
                yield result
                continue
            self.total.add(result)
            self.files.setdefault(result.file, Count()).add(result)
            self.codes.update((finding.kind, finding.code) for finding in result.findings)
            self.unreadable = self.unreadable or bool(result.fault)
            for exemption in dict.fromkeys(exemption for _, exemption in result.exempted):
                self._uses.setdefault(exemption, ExemptionUse(exemption)).add(result.name)
            yield result

    @property
    def uses(self) -> list[ExemptionUse]:
        """Every exemption of the configuration."""
        return [self._uses.get(each) or ExemptionUse(each) for each in self.config.exemptions]

    @property
    def code(self) -> int:
        """The exit code."""
        return 2 if self.unreadable else int(self.total.violating > 0)
