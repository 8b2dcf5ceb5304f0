"""The answer to a request: a Deny on any side decides, else an Allow is needed on every side that must give one.

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
    """What IAM answers."""

    ALLOWED = "allowed"
    IMPLICITLY_DENIED = "implicitly denied"
    """An Allow is missing."""
    EXPLICITLY_DENIED = "explicitly denied"
    """A Deny applies, whatever else allows."""


class Side(StrEnum):
    """Where a statement is written."""

    IDENTITY = "identity policy"
    RESOURCE = "resource policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"


class ResourceRule(Enum):
    """How the policy of the resource counts beside the policies of a user or role."""

    EITHER_ALLOWS = "either"
    """Within an account one of the two suffices: most resources, buckets among them."""
    BOTH_ALLOW = "both"
    """For a resource of another account each of the two must allow."""
    RESOURCE_ALLOWS = "resource"
    """The resource's policy must allow the caller, or the account, whose own policies then decide: keys and roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The statements that bear on a request, by their side; None where no such policy is set.

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
    """What IAM answers to a request, and by which statements. True where it is allowed.

    `side` is the side that allows, that denies (the first of several), or on which an Allow is missing. `statements`
    are those that allow or deny; where an Allow is missing, those that do allow on the other sides.
    """

    outcome: Outcome
    side: Side
    statements: _Statements = ()

    def __bool__(self) -> bool:
        return self.outcome is Outcome.ALLOWED


def evaluate(request: Request, policies: Policies) -> Answer:
    """Decide a request by the policies."""
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
    """Tell whether the resource's policy leaves the decision to the own policies of the caller's account."""
    by_account = replace(request, caller=request.caller.root)
    return any(not each.denies and each.applies(by_account, of_resource=True) for each in statements)


@dataclass(frozen=True, slots=True)
class CombinedAnswer:
    """The answer to several requests of one caller, which all must be allowed, as for one use of a bucket."""

    answer: Answer
    requests: tuple[Request, ...]
    """Those that the answer is about: those refused, or all."""

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
    deciding = denied or refused or answers
    _, first = deciding[0]
    alike = [(request, answer) for request, answer in deciding if answer or answer.side is first.side]
    statements = dict.fromkeys(statement for _, answer in alike for statement in answer.statements)
    return CombinedAnswer(replace(first, statements=tuple(statements)), tuple(request for request, _ in alike))
