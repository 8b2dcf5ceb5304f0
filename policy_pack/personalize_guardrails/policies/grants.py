"""The companion policies: what surrounds a service role, compared with what AWS's guide asks for. All are advisory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, Severity, StackValidationPolicy

from personalize_guardrails import guide
from personalize_guardrails.policies.documents import (
    BUCKET_ARN,
    allows_action,
    allows_of,
    covers,
    grants_service,
    lets_service_in,
    may_reach,
)
from personalize_guardrails.policies.metadata import about
from personalize_guardrails.policies.props import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_policy import PolicyResource, ReportViolation, ResourceValidationArgs, StackValidationArgs

    from personalize_guardrails.iam import Statement

ROLE: Final = "aws:iam/role:Role"
POLICY: Final = "aws:iam/policy:Policy"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
KEY_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
KEY: Final = "aws:kms/key:Key"
_IDENTITY: Final = frozenset({POLICY, ROLE_POLICY, "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy"})
READ_TYPES: Final = _IDENTITY | {ROLE, ATTACHMENT, BUCKET_POLICY, KEY_POLICY, KEY}

_BUCKET_ACTIONS: Final = frozenset({guide.GET_OBJECT, guide.PUT_OBJECT, guide.LIST_BUCKET})
_KEY_ACTIONS: Final = frozenset({*guide.KEY_ACTIONS, guide.KEY_GRANT_ACTION, guide.KEY_EXPORT_ACTION})
_S3_PAGE: Final = "granting-personalize-s3-access.html"
_KMS_PAGE: Final = "granting-personalize-key-access.html"
_SETUP_PAGE: Final = "aws-personalize-set-up-permissions.html"


def bucket_policy_service_grants() -> ResourceValidationPolicy:
    """A bucket policy gives the service what the guide lists, on the resources that it lists."""
    return ResourceValidationPolicy(
        **about(
            "bucket-policy-service-grants",
            "Bucket policies give Personalize what it needs",
            "A bucket policy gives Amazon Personalize the guide's actions only, each where it applies.",
            Severity.MEDIUM,
            "Give s3:ListBucket on the bucket's ARN, s3:GetObject and s3:PutObject on ARN/*, and nothing else.",
            _S3_PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        validate=_report_bucket_policy,
    )


def key_policy_service_grants() -> ResourceValidationPolicy:
    """A key policy gives the service what the guide lists."""
    return ResourceValidationPolicy(
        **about(
            "key-policy-service-grants",
            "Key policies give Personalize what it needs",
            "A key policy gives Amazon Personalize the guide's actions only, on the key itself.",
            Severity.MEDIUM,
            "Give kms:Decrypt, kms:GenerateDataKey, kms:DescribeKey, kms:CreateGrant and kms:ListGrants on *.",
            _KMS_PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        validate=_report_key_policy,
    )


def pass_role_to_service() -> StackValidationPolicy:
    """People pass a service role to Personalize, and to no other service."""
    return StackValidationPolicy(
        **about(
            "pass-role-to-service",
            "Service roles are passed to Personalize only",
            "Whoever may pass a role that Amazon Personalize assumes may pass it to Amazon Personalize only.",
            Severity.MEDIUM,
            "Add the condition StringEquals iam:PassedToService personalize.amazonaws.com.",
            _SETUP_PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        validate=_report_pass_role,
    )


def service_role_least_privilege() -> StackValidationPolicy:
    """A service role passes no roles, and does not reach every bucket."""
    return StackValidationPolicy(
        **about(
            "service-role-least-privilege",
            "Service roles have least privilege",
            "A role that Amazon Personalize assumes passes no roles and does not reach every bucket.",
            Severity.LOW,
            "Leave iam:PassRole out of the role's policies, and name the buckets.",
            _SETUP_PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        validate=_report_wide_roles,
    )


def bucket_access_both_sides() -> StackValidationPolicy:
    """A bucket is opened on the role's side and on its own."""
    return StackValidationPolicy(
        **about(
            "bucket-access-both-sides",
            "Buckets are opened on both sides",
            "What a service role may do with a bucket, the bucket's policy allows too, and the reverse.",
            Severity.MEDIUM,
            "Give the same actions in the role's policy and in the bucket's policy.",
            _S3_PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        validate=_report_one_sided,
    )


def _report_bucket_policy(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type != BUCKET_POLICY:
        return
    for index, statement in allows_of(plain(args.props).get("policy")):
        if not grants_service(statement):
            continue
        if not statement.actions or not all(
            covers(tuple(_BUCKET_ACTIONS), action, ignore_case=True) for action in statement.actions
        ):
            report(
                f"Statement[{index}] gives Personalize more than s3:GetObject, s3:PutObject and s3:ListBucket.", None
            )
        objects = [action for action in statement.actions if action != guide.LIST_BUCKET and action in _BUCKET_ACTIONS]
        in_bucket = [resource for resource in statement.resources if "/" in resource or resource == "*"]
        if objects and not in_bucket:
            report(f"Statement[{index}] gives {', '.join(objects)} on the bucket itself; objects are ARN/*.", None)
        if guide.LIST_BUCKET in statement.actions and all("/" in resource for resource in statement.resources):
            report(f"Statement[{index}] gives s3:ListBucket on objects; it applies to the bucket's own ARN.", None)


def _report_key_policy(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type not in {KEY_POLICY, KEY}:
        return
    for index, statement in allows_of(plain(args.props).get("policy")):
        if not grants_service(statement):
            continue
        if not statement.actions or not all(
            covers(tuple(_KEY_ACTIONS), action, ignore_case=True) for action in statement.actions
        ):
            report(f"Statement[{index}] gives Personalize more of the key than the guide asks for.", None)
        if any(":alias/" in resource or resource.startswith("alias/") for resource in statement.resources):
            report(f"Statement[{index}] names an alias, which a key policy does not follow; write *.", None)


class _Stack:
    """The service roles of a stack, and the identity policies in it, by what they belong to."""

    def __init__(self, resources: list[PolicyResource]) -> None:
        self._read = [
            (resource, plain(resource.props)) for resource in resources if resource.resource_type in READ_TYPES
        ]
        self.service_roles = {
            str(props.get("name")): str(props.get("arn"))
            for resource, props in self._read
            if resource.resource_type == ROLE and lets_service_in(props.get("assumeRolePolicy"))
        }

    def of(self, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """URN and properties of every resource of some types."""
        return ((resource.urn, props) for resource, props in self._read if resource.resource_type in kinds)

    def policies_of_roles(self) -> Iterator[tuple[str, str, Any]]:
        """URN, role and document of every policy that a service role has in this stack."""
        managed = {str(props.get("arn")): (urn, props.get("policy")) for urn, props in self.of(POLICY)}
        for urn, props in self.of(ROLE_POLICY):
            if props.get("role") in self.service_roles:
                yield urn, str(props["role"]), props.get("policy")
        for _, props in self.of(ATTACHMENT):
            if props.get("role") in self.service_roles and props.get("policyArn") in managed:
                urn, document = managed[str(props["policyArn"])]
                yield urn, str(props["role"]), document


def _report_pass_role(args: StackValidationArgs, report: ReportViolation) -> None:
    stack = _Stack(args.resources)
    for urn, props in stack.of(*_IDENTITY):
        for index, statement in allows_of(props.get("policy")):
            if not allows_action(statement, guide.PASS_ROLE) or _only_to_personalize(statement):
                continue
            for role, arn in stack.service_roles.items():
                if may_reach(statement, arn):
                    report(
                        f"Statement[{index}] lets its principals pass role {role}, which Personalize assumes, to any "
                        f"service: it lacks the condition {guide.PASSED_TO_SERVICE}.",
                        urn,
                    )


def _only_to_personalize(statement: Statement) -> bool:
    return any(
        condition.key.lower() == guide.PASSED_TO_SERVICE.lower()
        and not condition.operator.negated
        and not condition.operator.if_exists
        and all(value.lower() == guide.SERVICE for value in condition.values)
        for condition in statement.conditions
    )


def _report_wide_roles(args: StackValidationArgs, report: ReportViolation) -> None:
    for urn, role, document in _Stack(args.resources).policies_of_roles():
        for index, statement in allows_of(document):
            if allows_action(statement, guide.PASS_ROLE):
                report(f"Statement[{index}] lets service role {role} pass roles, which Personalize never needs.", urn)
            reads = any(allows_action(statement, action) for action in (guide.GET_OBJECT, guide.PUT_OBJECT))
            if reads and covers(statement.resources, "arn:aws:s3:::any-bucket-at-all/object"):
                report(f"Statement[{index}] lets service role {role} reach every bucket; name those it needs.", urn)


def _report_one_sided(args: StackValidationArgs, report: ReportViolation) -> None:
    stack = _Stack(args.resources)
    if not stack.service_roles:
        return
    by_role = _grants((urn, document) for urn, _, document in stack.policies_of_roles())
    by_bucket = _grants(((urn, props.get("policy")) for urn, props in stack.of(BUCKET_POLICY)), service_only=True)
    for (bucket, action), urn in by_role.items():
        if (bucket, action) not in by_bucket:
            report(
                f"The service role may {action} on bucket {bucket}, but no bucket policy in this stack lets "
                "Personalize; if the bucket's owner adds it elsewhere, all is well.",
                urn,
            )
    for (bucket, action), urn in by_bucket.items():
        if (bucket, action) not in by_role:
            report(
                f"The policy of bucket {bucket} lets Personalize {action}, but no service role in this stack may.", urn
            )


def _grants(documents: Iterator[tuple[str, Any]], *, service_only: bool = False) -> dict[tuple[str, str], str]:
    """Bucket and action of every grant, with the URN of the policy that gives it."""
    found: dict[tuple[str, str], str] = {}
    for urn, document in documents:
        for _, statement in allows_of(document):
            if service_only and not grants_service(statement):
                continue
            for resource in statement.resources:
                if named := BUCKET_ARN.fullmatch(resource):
                    for action in _BUCKET_ACTIONS:
                        if allows_action(statement, action) and bool(named[2]) is (action != guide.LIST_BUCKET):
                            found.setdefault((named[1], action), urn)
    return found
