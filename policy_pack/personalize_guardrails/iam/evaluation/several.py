"""Several requests of one caller, which all must be allowed, as for one use of a bucket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from personalize_guardrails.iam.evaluation.evaluator import Answer, Outcome, Policies, Side, evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalize_guardrails.iam.evaluation.requests import Request
    from personalize_guardrails.iam.statements import Statement


@dataclass(frozen=True, slots=True)
class CombinedAnswer:
    """The answer to several requests, and the requests that it is about: those refused, or all."""

    answer: Answer
    requests: tuple[Request, ...]

    def missing_statements(self, *keys: str) -> tuple[Statement, ...]:
        """Return what to write on the answer's side so that the requests are allowed: one statement a resource.

        They have conditions on those of `keys` that the requests carry.
        """
        by_resource: dict[str, list[Statement]] = {}
        for request in self.requests:
            statement = request.missing_statement(*keys, names_caller=self.answer.side is Side.RESOURCE)
            by_resource.setdefault(request.resource, []).append(statement)
        return tuple(replace(each[0], actions=tuple(one.actions[0] for one in each)) for each in by_resource.values())


def evaluate_all(requests: Sequence[Request], policies: Policies) -> CombinedAnswer:
    """Decide whether every one of the requests is allowed; a Deny decides before an Allow that is missing."""
    answers = [(request, evaluate(request, policies)) for request in requests]
    refused = [(request, answer) for request, answer in answers if not answer]
    denied = [(request, answer) for request, answer in refused if answer.outcome is Outcome.EXPLICITLY_DENIED]
    _, first = (denied or refused or answers)[0]
    alike = [
        (request, answer) for request, answer in denied or refused or answers if answer or answer.side is first.side
    ]
    statements = dict.fromkeys(statement for _, answer in alike for statement in answer.statements)
    return CombinedAnswer(replace(first, statements=tuple(statements)), tuple(request for request, _ in alike))
