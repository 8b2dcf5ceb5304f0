"""What a diagnosis says: every check, the first fault, and what to write."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from personalize_guardrails.iam import Statement, escape_unprintable
from personalize_guardrails.iam.evaluation import LocatedStatement, Outcome

UNSEEN: Final = (
    "service control and resource control policies of the organization",
    "policies of VPC endpoints",
    "whether the objects exist, and whether an object is encrypted with another key than the bucket's",
    "whether a key is enabled, and grants on it",
    "whether the person may start the job itself, on these resources",
)
"""What no file of the account shows, or no policy."""


class Health(StrEnum):
    """What is known about a check, or about the whole."""

    WORKS = "works"
    BLOCKED = "blocked"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Fault:
    """What prevents the access in one policy: a missing Allow, or a Deny."""

    outcome: Outcome
    """`implicitly denied`: an Allow is missing. `explicitly denied`: a Deny applies."""
    policy: str
    """Where to write, such as `the policies of role recs`, `the permissions boundary of role recs`."""
    statements: tuple[LocatedStatement, ...]
    """The statements that deny; where an Allow is missing, none."""
    requests: tuple[str, ...]
    """The requests that are refused, such as `s3:GetObject on arn:aws:s3:::data/in/some-object`."""
    advice: str
    """What to do, in words."""
    remedy: tuple[Statement, ...] = ()
    """The statements to write: to add, or in place of those that deny."""
    nearest: tuple[str, ...] = ()
    """The Allow that comes nearest, and why it does not apply."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check, and what came of it."""

    what: str
    health: Health
    fault: Fault | None = None
    unknown: tuple[str, ...] = ()
    """What is not known, where that is the verdict."""


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """Every check in the order of the requests; `fault` is the first that was found. True where everything works."""

    verdicts: tuple[Verdict, ...]
    unknown: tuple[str, ...] = ()
    """What else has to be known."""
    unseen: tuple[str, ...] = UNSEEN
    notes: tuple[str, ...] = ()
    """What does not prevent the access, and should still be changed."""

    @property
    def fault(self) -> Fault | None:
        """The first fault, in the order of the requests."""
        return next((each.fault for each in self.verdicts if each.fault), None)

    @property
    def health(self) -> Health:
        """`works` only where every check is known to be allowed."""
        if self.fault:
            return Health.BLOCKED
        known = not self.missing and all(each.health is Health.WORKS for each in self.verdicts)
        return Health.WORKS if known else Health.UNKNOWN

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be known for a full answer."""
        return tuple(dict.fromkeys([*self.unknown, *(name for each in self.verdicts for name in each.unknown)]))

    def __bool__(self) -> bool:
        return self.health is Health.WORKS

    def __str__(self) -> str:
        return "\n".join(escape_unprintable(line) for line in _lines(self))

    # pytest shows the representation of what was asserted.
    __repr__ = __str__


_WIDTH: Final = max(map(len, Health))


def _lines(diagnosis: "Diagnosis") -> Iterator[str]:
    """Yield a diagnosis for a terminal: each check, the first fault, and what is not known."""
    for each in diagnosis.verdicts:
        yield f"{each.health.value:<{_WIDTH}}  {each.what}"
    yield ""
    if diagnosis.fault:
        yield from _fault_lines(diagnosis.fault)
    elif diagnosis.health is Health.WORKS:
        yield "None of these policies prevents the access."
    else:
        yield "None of the known policies prevents the access. To decide, the doctor needs:"
    if diagnosis.missing and diagnosis.fault:
        yield "Not known:"
    yield from (f"  - {each}" for each in diagnosis.missing)
    yield from (f"Note: {each}" for each in diagnosis.notes)
    yield "Not seen here:"
    yield from (f"  - {each}" for each in diagnosis.unseen)


def _fault_lines(fault: Fault) -> Iterator[str]:
    """Yield a fault for a terminal, with the statements involved and what to do."""
    yield f"The first problem is in {fault.policy}:"
    yield from (f"  {request}: {fault.outcome.value}" for request in fault.requests)
    for each in fault.statements:
        yield f"  by {each}:"
        yield from _indented(each.statement)
    yield from (f"  nearest: {each}" for each in fault.nearest)
    yield f"What to do: {fault.advice}{':' if fault.remedy else '.'}"
    for statement in fault.remedy:
        yield from _indented(statement)


def _indented(statement: Statement) -> Iterator[str]:
    """Return a statement as JSON with a line for each element, and one for each operator of its conditions."""
    yield "    {"
    yield from _members(statement.to_dict(), "      ", nested="Condition")
    yield "    }"


def _members(members: Mapping[str, Any], indent: str, nested: str = "") -> Iterator[str]:
    """Yield the members of a JSON object, one a line; those of the object `nested` one a line too."""
    for number, (name, value) in enumerate(members.items(), 1):
        comma = "," if number < len(members) else ""
        if name == nested:
            yield f'{indent}"{name}": {{'
            yield from _members(value, f"{indent}  ")
            yield f"{indent}}}{comma}"
        else:
            yield f'{indent}"{name}": {json.dumps(value, ensure_ascii=False)}{comma}'


def to_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as a JSON object, for programs; `fault` is null where there is none."""
    members = {
        "health": diagnosis.health.value,
        "fault": _fault_members(diagnosis.fault),
        "checks": [
            {"check": each.what, "health": each.health.value, "fault": _fault_members(each.fault)}
            for each in diagnosis.verdicts
        ],
        "unknown": list(diagnosis.missing),
        "unseen": list(diagnosis.unseen),
        "notes": list(diagnosis.notes),
    }
    return json.dumps(members, indent=2) + "\n"


def _fault_members(fault: Fault | None) -> dict[str, Any] | None:
    """Return a fault as the members of its JSON object; None where there is none."""
    if fault is None:
        return None
    return {
        "outcome": fault.outcome.value,
        "policy": fault.policy,
        "statements": [
            {"policy": each.policy, "index": each.index, "statement": each.statement.to_dict()}
            for each in fault.statements
        ],
        "requests": list(fault.requests),
        "advice": fault.advice,
        "remedy": [each.to_dict() for each in fault.remedy],
        "nearest": list(fault.nearest),
    }
