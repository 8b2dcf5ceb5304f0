"""The verdict over one request, and what to say about it.

Source: IAM User Guide, "Policy evaluation logic": an explicit Deny anywhere decides; then an Allow is needed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from personalize_guardrails.iam import Effect, Principal, Statement
from personalize_permissions.testing.requests import Placed, Request

_NEAR = 3


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """Whether a request is allowed, and by which statement it is decided. True where it is allowed."""

    allowed: bool
    subject: str
    """Such as `user alice may personalize:CreateDataset on *`."""
    by: tuple[Placed, ...] = ()
    """The statements that allow, or the ones that deny; none where nothing speaks of the request."""
    why: str = ""
    """What is missing, with the statements that come near."""

    def __bool__(self) -> bool:
        return self.allowed

    def __str__(self) -> str:
        word = "yes" if self.allowed else "no"
        return "\n".join(
            [f"{self.subject}: {word}", *(shown(each) for each in self.by), *([self.why] * bool(self.why))]
        )

    # pytest shows the representation of what was asserted.
    __repr__ = __str__


def decide(
    subject: str, request: Request, statements: Sequence[Placed], missing: Statement, *, of_resource: bool = False
) -> Decision:
    """Deny overrides, then any Allow admits. `missing` is the statement that would allow it, for the message."""
    applying = [each for each in statements if each.applies(request, of_resource=of_resource)]
    if denying := tuple(each for each in applying if each.statement.effect is Effect.DENY):
        return Decision(allowed=False, subject=subject, by=denying, why="It is denied, whatever else allows it.")
    if allowing := tuple(each for each in applying if each.statement.effect is Effect.ALLOW):
        return Decision(allowed=True, subject=subject, by=allowing)
    return Decision(
        allowed=False, subject=subject, why=lacking(missing, closest=near(request, statements, of_resource=of_resource))
    )


def decide_all(
    subject: str, requests: Sequence[Request], statements: Sequence[Placed], principal: Principal
) -> Decision:
    """Whether the policy of a resource allows `principal` every one of the requests."""
    decisions = [decide(subject, each, statements, _allow(principal, [each]), of_resource=True) for each in requests]
    refused = [each for each, decision in zip(requests, decisions, strict=True) if not decision]
    denying = tuple(dict.fromkeys(each for decision in decisions if not decision for each in decision.by))
    if denying:
        what = ", ".join(str(each) for each in refused)
        return Decision(allowed=False, subject=subject, by=denying, why=f"That denies {what}, whatever else allows it.")
    if not refused:
        allowing = tuple(dict.fromkeys(each for decision in decisions for each in decision.by))
        return Decision(allowed=True, subject=subject, by=allowing)
    by_resource: dict[str, list[Request]] = {}
    for request in refused:
        by_resource.setdefault(request.resource, []).append(request)
    missing = [_allow(principal, each) for each in by_resource.values()]
    closest = list(dict.fromkeys(line for each in refused for line in near(each, statements, of_resource=True)))
    return Decision(allowed=False, subject=subject, why=lacking(*missing, closest=closest[:_NEAR]))


def _allow(principal: Principal, requests: Sequence[Request]) -> Statement:
    return Statement(
        effect=Effect.ALLOW,
        principals=(principal,),
        actions=tuple(each.action for each in requests),
        resources=(requests[0].resource,),
    )


def near(request: Request, statements: Sequence[Placed], *, of_resource: bool = False) -> list[str]:
    """The Allow statements that fail for the fewest reasons, with those."""
    failing = [
        (reasons, each)
        for each in statements
        if each.statement.effect is Effect.ALLOW and (reasons := each.mismatches(request, of_resource=of_resource))
    ]
    failing.sort(key=lambda pair: len(pair[0]))
    return [f"{shown(each)}\n    but {'; '.join(reasons)}" for reasons, each in failing[:_NEAR]]


def lacking(*missing: Statement, closest: Sequence[str] = ()) -> str:
    """The message for statements that are not there."""
    lines = ["Missing, for example:", *(f"    {compact(each)}" for each in missing)]
    return "\n".join([*lines, *(["What comes nearest:", *closest] if closest else [])])


def shown(placed: Placed) -> str:
    """A statement with its place, for a message."""
    return f"  {placed}\n    {compact(placed.statement)}"


def compact(statement: Statement) -> str:
    """A statement as one line of JSON."""
    return json.dumps(statement.to_dict(), ensure_ascii=False)
