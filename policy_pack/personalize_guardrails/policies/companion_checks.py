"""Advisory checks of the policies that apply to a service role, compared with AWS's guide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pulumi_policy import Severity, StackValidationArgs, StackValidationPolicy

from personalize_guardrails import guide
from personalize_guardrails.iam import Condition, OperatorFamily, Quantifier, Statement
from personalize_guardrails.iam.evaluation.statements import covers_action
from personalize_guardrails.policies.documents import BUCKET_ARN, grants_service, may_reach
from personalize_guardrails.policies.sdk import S3_PAGE, SETUP_PAGE, Violations, pack_policy
from personalize_guardrails.policies.stack import Grant, Stack

_BUCKET_ACTIONS: Final = (guide.GET_OBJECT, guide.LIST_BUCKET, guide.PUT_OBJECT)
_SOME_OBJECT: Final = ("arn:aws:s3:::any-bucket-at-all/object", "arn:aws-cn:s3:::any-bucket-at-all/object")


def _once(rule: Callable[[StackValidationArgs], Violations]) -> Callable[[StackValidationArgs], Violations]:
    """Return the rule without repeated violations, since several statements of a role can cause the same one."""
    return lambda args: iter(dict.fromkeys(rule(args)))


@pack_policy(
    StackValidationPolicy,
    "pass-role-to-service",
    "Service roles are passed to Personalize only",
    "Whoever may pass a role that Amazon Personalize assumes may pass it to Amazon Personalize only.",
    Severity.MEDIUM,
    "Add the condition StringEquals iam:PassedToService personalize.amazonaws.com.",
    SETUP_PAGE,
)
@_once
def pass_role_to_service(args: StackValidationArgs) -> Violations:
    """Yield every grant that allows passing a service role to a service other than Personalize."""
    stack = Stack(args.resources)
    for grant in stack.identity_grants() if stack.service_roles else ():
        if not covers_action(grant.statement, guide.PASS_ROLE) or _names_services(grant.statement):
            continue
        for role, arn in stack.service_roles.items():
            if may_reach(grant.statement, arn) and not _is_denied(grant, arn):
                message = (
                    f"{grant.subject} lets its principals pass role {role}, which Personalize assumes, to other "
                    f"services: {guide.PASSED_TO_SERVICE} does not name {guide.SERVICE} alone ({grant.place})."
                )
                yield message, grant.urn


def _names_services(statement: Statement) -> bool:
    """Return whether a statement restricts the services that roles are passed to: to Personalize, or to others."""
    return any(
        _tests_service(condition)
        and not condition.operator.negated
        and not condition.operator.if_exists
        and condition.operator.quantifier is not Quantifier.FOR_ALL_VALUES
        and (guide.SERVICE not in condition.values or len(condition.values) == 1)
        for condition in statement.conditions
    )


def _is_denied(grant: Grant, role: str) -> bool:
    """Return whether the same policy denies passing the role, or passing it to any service but Personalize."""
    return any(
        covers_action(denial, guide.PASS_ROLE)
        and may_reach(denial, role)
        and all(
            _tests_service(condition)
            and condition.operator.negated
            and condition.operator.quantifier is None
            and condition.values == (guide.SERVICE,)
            for condition in denial.conditions
        )
        for denial in grant.denials
    )


def _tests_service(condition: Condition) -> bool:
    """Return whether a condition compares iam:PassedToService with exact names."""
    return (
        condition.key.lower() == guide.PASSED_TO_SERVICE.lower()
        and condition.operator.family is OperatorFamily.STRING
        and not any("*" in value or "?" in value or "$" in value for value in condition.values)
    )


@pack_policy(
    StackValidationPolicy,
    "service-role-least-privilege",
    "Service roles have least privilege",
    "A role that Amazon Personalize assumes passes no roles and does not reach every bucket.",
    Severity.LOW,
    "Leave iam:PassRole out of the role's policies, and name the buckets.",
    SETUP_PAGE,
)
@_once
def service_role_least_privilege(args: StackValidationArgs) -> Violations:
    """Yield every grant by which a service role passes roles or reaches every bucket."""
    stack = Stack(args.resources)
    for grant in _service_role_grants(stack):
        for role in grant.roles:
            if role not in stack.service_roles:
                continue
            lets = f"{grant.subject} lets service role {role}"
            if covers_action(grant.statement, guide.PASS_ROLE) and not any(map(_denies_passing, grant.denials)):
                yield f"{lets} pass roles, which Personalize never needs ({grant.place}).", grant.urn
            reads = any(covers_action(grant.statement, action) for action in (guide.GET_OBJECT, guide.PUT_OBJECT))
            if reads and any(may_reach(grant.statement, each) for each in _SOME_OBJECT):
                yield f"{lets} reach every bucket; name those it needs ({grant.place}).", grant.urn


def _denies_passing(denial: Statement) -> bool:
    """Return whether a Deny statement forbids passing any role."""
    return covers_action(denial, guide.PASS_ROLE) and "*" in denial.resources and not denial.conditions


@pack_policy(
    StackValidationPolicy,
    "bucket-access-both-sides",
    "Role and bucket policy allow the same actions",
    "What a service role may do with a bucket, the bucket's policy allows too, and the reverse.",
    Severity.MEDIUM,
    "Give the same actions in the role's policy and in the bucket's policy.",
    S3_PAGE,
)
@_once
def bucket_access_both_sides(args: StackValidationArgs) -> Violations:
    """Yield each action on a bucket that only one of role and bucket policy allows."""
    stack = Stack(args.resources)
    if not stack.service_roles:
        return
    role_grants = list(_service_role_grants(stack))
    bucket_grants = [grant for grant in stack.bucket_grants() if grants_service(grant.statement)]
    # A policy that is not known yet may grant what seems to be missing.
    for bucket, action, urn in () if stack.has_unknown_bucket_policy else _lacking(role_grants, bucket_grants):
        message = (
            f"The service role may {action} on bucket {bucket}, but no bucket policy in this stack lets Personalize; "
            "ignore this if the bucket's owner adds it elsewhere."
        )
        yield message, urn
    for bucket, action, urn in () if stack.has_unknown_identity_policy else _lacking(bucket_grants, role_grants):
        yield f"The policy of bucket {bucket} lets Personalize {action}, but no service role in this stack may.", urn


def _service_role_grants(stack: Stack) -> Iterator[Grant]:
    """Yield the grants of the policies that apply to the stack's service roles."""
    if stack.service_roles:
        for grant in stack.identity_grants():
            if any(role in stack.service_roles for role in grant.roles):
                yield grant


def _lacking(here: Iterable[Grant], there: Iterable[Grant]) -> Iterator[tuple[str, str, str]]:
    """Yield bucket, action and URN for what the grants `here` allow on a named bucket and none `there` allows."""
    others = list(there)
    for grant in here:
        for resource in grant.statement.resources:
            if named := BUCKET_ARN.fullmatch(resource):
                for action in _BUCKET_ACTIONS:
                    applies = bool(named[2]) is (action != guide.LIST_BUCKET)
                    if (
                        applies
                        and covers_action(grant.statement, action)
                        and not any(_allows(other.statement, action, resource) for other in others)
                    ):
                        yield named[1], action, grant.urn


def _allows(statement: Statement, action: str, resource: str) -> bool:
    """Return whether a statement allows the action on the resource, or on some objects of the same bucket."""
    objects = f"{resource.split('/', 1)[0]}/"
    return covers_action(statement, action) and (
        may_reach(statement, resource)
        or (action != guide.LIST_BUCKET and any(each.startswith(objects) for each in statement.resources))
    )
