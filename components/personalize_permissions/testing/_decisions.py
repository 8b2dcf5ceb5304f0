"""The answer to a question about a program, with the words that a failing test prints."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from personalize_guardrails.iam import Statement
from personalize_guardrails.iam.evaluation import (
    Answer,
    LocatedStatement,
    Outcome,
    Policies,
    Request,
    Side,
    evaluate,
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
        lines = [f"{self.subject}: {'yes' if self else 'no'}", *map(show_statement, self.by)]
        return "\n".join([*lines, *([self.why] if self.why else [])])

    # pytest shows the representation of what was asserted.
    __repr__ = __str__


def decide(subject: str, requests: Sequence[Request], policies: Policies, *keys: str) -> Decision:
    """Decide whether every one of the requests, which one caller makes, is allowed.

    A statement that is missing is shown with conditions on those of `keys` that the requests carry.
    """
    answers = [(request, evaluate(request, policies)) for request in requests]
    refused = [(request, answer) for request, answer in answers if not answer]
    if not refused:
        return Decision(subject, Outcome.ALLOWED, answers[0][1].side, _statements(answer for _, answer in answers))
    denied = [(request, answer) for request, answer in refused if answer.outcome is Outcome.EXPLICITLY_DENIED]
    _, first = (denied or refused)[0]
    refused = [(request, answer) for request, answer in denied or refused if answer.side is first.side]
    whose = [request for request, _ in refused]
    by = _statements(answer for _, answer in refused)
    return Decision(subject, first.outcome, first.side, by, _explain(first, whose, policies, keys))


def _explain(answer: Answer, refused: Sequence[Request], policies: Policies, keys: Sequence[str]) -> str:
    """Say why requests are refused for the same reason as the first of them, and what would allow them."""
    if answer.outcome is Outcome.EXPLICITLY_DENIED:
        return f"That denies {', '.join(map(str, refused))}, whatever else allows it."
    if answer.side in {Side.BOUNDARY, Side.SESSION}:
        return f"The {answer.side} does not allow it."
    in_resource = answer.side is Side.RESOURCE
    nearest = list(
        dict.fromkeys(
            line
            for request in refused
            for line in (
                *_nearest(request, () if in_resource else policies.identity),
                *_nearest(request, policies.resource, of_resource=True),
            )
        )
    )[: 2 * _NEAREST]
    if in_resource and refused[0].caller.arn and policies.resource:
        told = f"The policy of the resource lets neither {refused[0].caller.arn} nor its account do it."
        return "\n".join([told, *nearest])
    by_resource: dict[str, list[Statement]] = {}
    for request in refused:
        statement = request.missing_statement(*keys, names_caller=in_resource)
        by_resource.setdefault(request.resource, []).append(statement)
    missing = [replace(each[0], actions=tuple(one.actions[0] for one in each)) for each in by_resource.values()]
    lines = ["Missing, for example:", *(f"    {to_line(each)}" for each in missing)]
    return "\n".join([*lines, *(["What comes nearest:", *nearest] if nearest else [])])


def _nearest(request: Request, statements: Sequence[LocatedStatement], *, of_resource: bool = False) -> Iterator[str]:
    for statement, reasons in statements_that_miss(request, statements, of_resource=of_resource)[:_NEAREST]:
        yield f"{show_statement(statement)}\n    but {'; '.join(reasons)}"


def _statements(answers: Iterable[Answer]) -> tuple[LocatedStatement, ...]:
    return tuple(dict.fromkeys(each for answer in answers for each in answer.statements))


def show_statement(located: LocatedStatement) -> str:
    """Return a statement with its place, for a message."""
    return f"  {located}\n    {to_line(located.statement)}"


def to_line(statement: Statement) -> str:
    """Return a statement as one line of JSON."""
    return json.dumps(statement.to_dict(), ensure_ascii=False)
