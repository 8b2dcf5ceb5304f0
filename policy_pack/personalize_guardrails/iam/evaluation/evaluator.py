"""Decides a request: a Deny on any side denies it, else every side that must allow it needs an Allow.

Sources: IAM User Guide, "Policy evaluation for requests within a single account", "Cross-account policy evaluation
logic", "Permissions boundaries for IAM entities"; AWS KMS Developer Guide, "Key policies in AWS KMS".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from personalize_guardrails.iam.evaluation.requests import Request
    from personalize_guardrails.iam.evaluation.statements import LocatedStatement
    from personalize_guardrails.iam.statements import Statement

_Statements = tuple["LocatedStatement", ...]


class Outcome(StrEnum):
    """The decision of IAM on a request."""

    ALLOWED = "allowed"
    IMPLICITLY_DENIED = "implicitly denied"
    """No Deny applies, and an Allow is missing."""
    EXPLICITLY_DENIED = "explicitly denied"
    """A Deny applies."""


class Side(StrEnum):
    """The kind of policy that a statement is in."""

    IDENTITY = "identity policy"
    RESOURCE = "resource policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"


class ResourceRule(Enum):
    """How the policy of the resource and the policies of a user or role decide together."""

    EITHER_ALLOWS = "either"
    """Within an account, one of the two is enough: most resources, including buckets."""
    BOTH_ALLOW = "both"
    """For a resource of another account, both must allow."""
    RESOURCE_ALLOWS = "resource"
    """The resource's policy must allow the caller, or the account, whose own policies then decide: keys and roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The statements that may apply to a request, by their side; None where no such policy is set.

    `identity` holds the policies of a user with those of its groups. For a service only `resource` counts.
    """

    identity: _Statements = ()
    resource: _Statements = ()
    boundary: _Statements | None = None
    session: _Statements | None = None
    resource_rule: ResourceRule = ResourceRule.EITHER_ALLOWS

    @property
    def by_side(self) -> dict[Side, _Statements]:
        """The statements of each side, in the order in which a Deny is reported."""
        return {
            Side.IDENTITY: self.identity,
            Side.BOUNDARY: self.boundary or (),
            Side.SESSION: self.session or (),
            Side.RESOURCE: self.resource,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision on a request, and the statements that cause it. It is true where the request is allowed.

    `side` is the side that allows, that denies (the first of several), or on which an Allow is missing. `statements`
    are those that allow or deny; where an Allow is missing, those that allow on the other sides.
    """

    outcome: Outcome
    side: Side
    statements: _Statements = ()

    def __bool__(self) -> bool:
        return self.outcome is Outcome.ALLOWED


def evaluate(request: Request, policies: Policies) -> Answer:
    """Return the decision of the policies on a request."""
    applying = {
        side: tuple(each for each in statements if each.applies(request, of_resource=side is Side.RESOURCE))
        for side, statements in policies.by_side.items()
    }
    denying = [(side, each) for side, statements in applying.items() for each in statements if each.denies]
    if denying:
        return Answer(Outcome.EXPLICITLY_DENIED, denying[0][0], tuple(each for _, each in denying))
    by_identity, by_resource = applying[Side.IDENTITY], applying[Side.RESOURCE]
    if request.caller.service_name:
        return Answer(Outcome.ALLOWED if by_resource else Outcome.IMPLICITLY_DENIED, Side.RESOURCE, by_resource)
    rule = policies.resource_rule
    if rule is not ResourceRule.EITHER_ALLOWS and not _delegates(request, policies.resource):
        if not by_resource:
            return Answer(Outcome.IMPLICITLY_DENIED, Side.RESOURCE, by_identity)
        by_identity = by_identity if rule is ResourceRule.BOTH_ALLOW else ()
    if rule is ResourceRule.BOTH_ALLOW and not by_identity:
        return Answer(Outcome.IMPLICITLY_DENIED, Side.IDENTITY, by_resource)
    given = (*by_identity, *by_resource)
    limits = {Side.BOUNDARY: policies.boundary, Side.SESSION: policies.session}
    limiting = next((side for side, limit in limits.items() if limit is not None and not applying[side]), None)
    if limiting and given:
        # A boundary limits what the resource's policy gives to a role, but not what it gives to a user.
        if by_resource and not request.caller.is_role and rule is not ResourceRule.BOTH_ALLOW:
            return Answer(Outcome.ALLOWED, Side.RESOURCE, by_resource)
        return Answer(Outcome.IMPLICITLY_DENIED, limiting, given)
    if given:
        return Answer(Outcome.ALLOWED, Side.IDENTITY if by_identity else Side.RESOURCE, given)
    return Answer(Outcome.IMPLICITLY_DENIED, Side.IDENTITY)


def _delegates(request: Request, statements: Sequence[LocatedStatement]) -> bool:
    """Return whether the resource's policy leaves the decision to the policies of the caller's account."""
    by_account = replace(request, caller=request.caller.root)
    return any(not each.denies and each.applies(by_account, of_resource=True) for each in statements)


@dataclass(frozen=True, slots=True)
class CombinedAnswer:
    """The decision on several requests of one caller that must all be allowed, as for one use of a bucket."""

    answer: Answer
    requests: tuple[Request, ...]
    """The requests that the answer is about: those that are refused, or all."""

    def missing_statements(self, *keys: str) -> tuple[Statement, ...]:
        """Return the statements that allow the requests on the answer's side, one for each resource.

        They have conditions on those of `keys` that are in the requests.
        """
        by_resource: dict[str, list[Statement]] = {}
        for request in self.requests:
            statement = request.missing_statement(*keys, names_caller=self.answer.side is Side.RESOURCE)
            by_resource.setdefault(request.resource, []).append(statement)
        return tuple(replace(each[0], actions=tuple(one.actions[0] for one in each)) for each in by_resource.values())


def evaluate_all(requests: Sequence[Request], policies: Policies) -> CombinedAnswer:
    """Return whether all requests are allowed, and if not, those with a Deny, or else those without an Allow."""
    answers = [(request, evaluate(request, policies)) for request in requests]
    refused = [(request, answer) for request, answer in answers if not answer]
    denied = [(request, answer) for request, answer in refused if answer.outcome is Outcome.EXPLICITLY_DENIED]
    deciding = denied or refused or answers
    _, first = deciding[0]
    alike = [(request, answer) for request, answer in deciding if answer or answer.side is first.side]
    statements = dict.fromkeys(statement for _, answer in alike for statement in answer.statements)
    return CombinedAnswer(replace(first, statements=tuple(statements)), tuple(request for request, _ in alike))
