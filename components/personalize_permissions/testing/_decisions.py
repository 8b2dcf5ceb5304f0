"""The answer to a question about a program, with the words that a failing test prints."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from personalize_guardrails.iam import Statement
from personalize_guardrails.iam.evaluation import (
    CombinedAnswer,
    LocatedStatement,
    Outcome,
    Policies,
    Request,
    Side,
    evaluate_all,
    statements_that_miss,
)

_NEAREST = 3


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """Whether a request is allowed, and which statements decide it. True where it is allowed."""

    subject: str
    """Such as `user alice may personalize:CreateDataset on *`."""
    outcome: Outcome
    side: Side
    """The side that allows or denies, or on which an Allow is missing."""
    by: tuple[LocatedStatement, ...] = ()
    """The statements that allow, or that deny; where an Allow is missing, those that allow on the other sides."""
    why: str = ""
    """What is missing, with the statements that come nearest."""

    @property
    def allowed(self) -> bool:
        """Whether everything that was asked for is allowed."""
        return self.outcome is Outcome.ALLOWED

    def __bool__(self) -> bool:
        return self.allowed

    def __str__(self) -> str:
        answer = f"{self.subject}: {'yes' if self else 'no'}"
        return "\n".join([answer, *map(show_statement, self.by), *filter(None, [self.why])])

    # pytest shows the representation of what was asserted.
    __repr__ = __str__


def decide(subject: str, requests: Sequence[Request], policies: Policies, *keys: str) -> Decision:
    """Decide whether every one of the requests, which one caller makes, is allowed.

    A statement that is missing is shown with conditions on those of `keys` that the requests have.
    """
    decided = evaluate_all(requests, policies)
    answer = decided.answer
    why = "" if answer else _explain(decided, policies, keys)
    return Decision(subject, answer.outcome, answer.side, answer.statements, why)


def _explain(decided: CombinedAnswer, policies: Policies, keys: Sequence[str]) -> str:
    """Say why requests are refused, and what would allow them."""
    answer, caller = decided.answer, decided.requests[0].caller
    if answer.outcome is Outcome.EXPLICITLY_DENIED:
        return f"That denies {', '.join(map(str, decided.requests))}, whatever else allows it."
    if answer.side in {Side.BOUNDARY, Side.SESSION}:
        return f"The {answer.side} does not allow it."
    in_resource = answer.side is Side.RESOURCE
    found: dict[str, None] = {}
    for request in decided.requests:
        found |= dict.fromkeys(_nearest(request, () if in_resource else policies.identity))
        found |= dict.fromkeys(_nearest(request, policies.resource, of_resource=True))
    nearest = list(found)[: 2 * _NEAREST]
    if in_resource and caller.arn and policies.resource:
        return "\n".join([f"The policy of the resource lets neither {caller.arn} nor its account do it.", *nearest])
    missing = [f"    {_to_line(each)}" for each in decided.missing_statements(*keys)]
    near = ["What comes nearest:", *nearest] if nearest else []
    return "\n".join(["Missing, for example:", *missing, *near])


def _nearest(request: Request, statements: Sequence[LocatedStatement], *, of_resource: bool = False) -> Iterator[str]:
    for statement, reasons in statements_that_miss(request, statements, of_resource=of_resource)[:_NEAREST]:
        yield f"{show_statement(statement)}\n    but {'; '.join(reasons)}"


def show_statement(located: LocatedStatement) -> str:
    """Return a statement with its place, for a message."""
    return f"  {located}\n    {_to_line(located.statement)}"


def _to_line(statement: Statement) -> str:
    """Return a statement as one line of JSON."""
    return json.dumps(statement.to_dict(), ensure_ascii=False)
