"""What an audit found: the one model that every output format renders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from personalize_guardrails.configuration import Exemption, PackConfig
    from personalize_guardrails.trust import Finding

ABOUT: Final = "https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html"
_MOST_NAMES: Final = 10


class Severity(StrEnum):
    """`high`: a violation. `low`: safe, and useless."""

    HIGH = "high"
    LOW = "low"


SEVERITIES: Final[Mapping[Kind, Severity]] = MappingProxyType(
    {Kind.UNGUARDED: Severity.HIGH, Kind.MALFORMED: Severity.HIGH, Kind.UNSATISFIABLE: Severity.LOW}
)


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
    exempted: tuple[tuple[Finding, Exemption], ...] = ()
    """The violations that exemptions keep away, each with its exemption."""

    @property
    def violates(self) -> bool:
        """Whether a finding is a violation."""
        return any(SEVERITIES[finding.kind] is Severity.HIGH for finding in self.findings)


@dataclass(slots=True)
class Count:
    """How many trust policies came out how. Each is counted once, at the worst."""

    faulty: int = 0
    """Not judged, or not to the end."""
    violating: int = 0
    useless: int = 0
    """They can never match."""
    exempted: int = 0
    guarded: int = 0
    """Guarded, or not for the services that are judged."""

    def add(self, result: Result) -> None:
        """Count one more."""
        if result.violates:
            self.violating += 1
        elif result.fault:
            self.faulty += 1
        elif result.findings:
            self.useless += 1
        elif result.exempted:
            self.exempted += 1
        else:
            self.guarded += 1

    @property
    def judged(self) -> int:
        """Those that were judged."""
        return self.violating + self.useless + self.exempted + self.guarded


class Standing(StrEnum):
    """What an exemption of the configuration does for what was audited."""

    IN_USE = "in use"
    OVER = "over"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Use:
    """One exemption of the configuration, and what it does."""

    exemption: Exemption
    standing: Standing
    count: int
    """Of the trust policies that it keeps a violation away from."""
    names: tuple[str, ...]
    """The first of their roles."""


@dataclass
class Audit:
    """The results as they come, and once they all have, what they come to."""

    source: Iterable[Result]
    config: PackConfig
    asked: Iterable[str] = ()
    """The files, those included in which there is no trust policy."""
    total: Count = field(default_factory=Count)
    files: dict[str, Count] = field(default_factory=dict)
    codes: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    """Findings by kind and code."""
    unreadable: bool = False
    """Whether anything could not be read or judged."""
    _used: Counter[Exemption] = field(default_factory=Counter)
    _names: dict[Exemption, list[str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Result]:
        """Every result, once."""
        self.files.update((file, Count()) for file in self.asked)
        for result in self.source:
            self.total.add(result)
            self.files.setdefault(result.file, Count()).add(result)
            self.codes.update((finding.kind, finding.code) for finding in result.findings)
            self.unreadable = self.unreadable or bool(result.fault)
            for exemption in dict.fromkeys(exemption for _, exemption in result.exempted):
                self._used[exemption] += 1
                names = self._names.setdefault(exemption, [])
                if len(names) < _MOST_NAMES:
                    names.append(result.name)
            yield result

    @property
    def uses(self) -> list[Use]:
        """Every exemption of the configuration."""
        return [
            Use(each, self._standing(each), self._used[each], tuple(self._names.get(each, ())))
            for each in self.config.exemptions
        ]

    @property
    def code(self) -> int:
        """The exit code."""
        return 2 if self.unreadable else int(self.total.violating > 0)

    def _standing(self, exemption: Exemption) -> Standing:
        if self._used[exemption]:
            return Standing.IN_USE
        return Standing.OVER if exemption.is_over() else Standing.UNUSED
