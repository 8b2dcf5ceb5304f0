"""Decides concrete requests as IAM does: a caller, an action, a resource and a context against policies.

    caller = Caller.identity("arn:aws:iam::123456789012:role/recs")
    request = Request.of(caller, "s3:GetObject", "arn:aws:s3:::data/in/items.csv", {"aws:SecureTransport": "true"})
    answer = evaluate(request, Policies(identity=statements_of(role_policy, "role policy recs-data")))
    answer.outcome, answer.side, answer.statements        # allowed, by the identity policy's Statement[0]

Where IAM's behavior is not documented, conditions are read literally. The trust rule (`trust/`) decides whether *any*
request is allowed, and assumes what helps an attacker in such cases; this package decides one request.
Standard library only. Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from personalize_guardrails.iam.evaluation.evaluator import (
    Answer,
    CombinedAnswer,
    Outcome,
    Policies,
    ResourceRule,
    Side,
    evaluate,
    evaluate_all,
)
from personalize_guardrails.iam.evaluation.requests import Caller, Context, Request
from personalize_guardrails.iam.evaluation.statements import LocatedStatement, statements_of, statements_that_miss

__all__ = [
    "Answer",
    "Caller",
    "CombinedAnswer",
    "Context",
    "LocatedStatement",
    "Outcome",
    "Policies",
    "Request",
    "ResourceRule",
    "Side",
    "evaluate",
    "evaluate_all",
    "statements_of",
    "statements_that_miss",
]
