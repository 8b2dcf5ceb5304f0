"""Advisory checks of what bucket and key policies grant Personalize itself, compared with AWS's guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from pulumi_policy import ResourceValidationArgs, ResourceValidationPolicy, Severity

from personalize_guardrails import guide
from personalize_guardrails.extraction import Policy, permissions
from personalize_guardrails.extraction.resource_types import BUCKET_POLICY, KEY, KEY_POLICY, types_of
from personalize_guardrails.iam.evaluation.statements import covers_action
from personalize_guardrails.policies.documents import allows_more_than, allows_of, covers, grants_service
from personalize_guardrails.policies.sdk import KEY_PAGE, S3_PAGE, Violations, materialize, pack_policy

if TYPE_CHECKING:
    from personalize_guardrails.iam import Statement

_READ_TYPES: Final = types_of(BUCKET_POLICY, KEY, KEY_POLICY)
_OBJECT_ACTIONS: Final = (guide.GET_OBJECT, guide.PUT_OBJECT)
_BUCKET_ACTIONS: Final = (*_OBJECT_ACTIONS, guide.LIST_BUCKET)
_KEY_ACTIONS: Final = (*guide.KEY_ACTIONS, guide.KEY_GRANT_ACTION)


@pack_policy(
    ResourceValidationPolicy,
    "bucket-policy-service-grants",
    "Bucket policies give Personalize what it needs",
    "A bucket policy gives Amazon Personalize the guide's actions only, each where it applies.",
    Severity.MEDIUM,
    "Give s3:ListBucket on the bucket's ARN, s3:GetObject and s3:PutObject on ARN/*, and nothing else.",
    S3_PAGE,
)
def bucket_policy_service_grants(args: ResourceValidationArgs) -> Violations:
    """Yield what a bucket policy grants Personalize needlessly or wrongly, and what is missing for reading."""
    for policy, statements in _grants_to_service(args, BUCKET_POLICY):
        for index, statement in statements:
            for mistake in _bucket_mistakes(statement):
                yield f"Statement[{index}] {mistake} ({policy.path}.Statement[{index}])", None
        if _allows(statements, guide.GET_OBJECT) and not _allows(statements, guide.LIST_BUCKET):
            yield (
                f"It gives Personalize s3:GetObject without s3:ListBucket, which it needs to read ({policy.path}).",
                None,
            )


@pack_policy(
    ResourceValidationPolicy,
    "key-policy-service-grants",
    "Key policies give Personalize what it needs",
    "A key policy gives Amazon Personalize the guide's actions only, on the key itself.",
    Severity.MEDIUM,
    "Give kms:Decrypt, kms:GenerateDataKey, kms:DescribeKey, kms:CreateGrant and kms:ListGrants on *.",
    KEY_PAGE,
)
def key_policy_service_grants(args: ResourceValidationArgs) -> Violations:
    """Yield what a key policy grants Personalize needlessly, and what is missing."""
    for policy, statements in _grants_to_service(args, KEY, KEY_POLICY):
        for index, statement in statements:
            for mistake in _key_mistakes(statement):
                yield f"Statement[{index}] {mistake} ({policy.path}.Statement[{index}])", None
        if lacking := [action for action in _KEY_ACTIONS if not _allows(statements, action)]:
            yield f"It does not give Personalize {', '.join(lacking)}, which it needs on a key ({policy.path}).", None


def _grants_to_service(
    args: ResourceValidationArgs, *kinds: str
) -> Iterator[tuple[Policy, list[tuple[int, Statement]]]]:
    """Yield each policy of these kinds that names Personalize, with the Allow statements that name it."""
    if args.resource_type not in _READ_TYPES:
        return
    for policy in permissions(args.resource_type, materialize(args.props), scope=args.name):
        if isinstance(policy, Policy) and policy.kind in kinds:
            statements = [each for each in allows_of(policy.document) if grants_service(each[1])]
            if statements:
                yield policy, statements


def _allows(statements: Iterable[tuple[int, Statement]], action: str) -> bool:
    return any(covers_action(statement, action) for _, statement in statements)


def _bucket_mistakes(statement: Statement) -> Iterator[str]:
    """Yield what is wrong with a statement of a bucket policy that names Personalize."""
    if allows_more_than(statement, _BUCKET_ACTIONS):
        yield "gives Personalize more than s3:GetObject, s3:PutObject and s3:ListBucket."
    named = {action.lower() for action in statement.actions}
    of_objects = [action for action in _OBJECT_ACTIONS if action.lower() in named]
    buckets = [each for each in statement.resources if "/" not in each]
    objects = [each for each in statement.resources if "/" in each or "*" in each]
    if of_objects and not all(any(_in_bucket(each, bucket) for each in objects) for bucket in buckets):
        yield f"gives {', '.join(of_objects)} on the bucket itself; write ARN/* for its objects."
    if guide.LIST_BUCKET.lower() in named and not all(covers(buckets, each.split("/", 1)[0]) for each in objects):
        yield "gives s3:ListBucket on objects; it applies to the bucket's own ARN."
    if any(each.endswith("/") for each in objects):
        yield "names a folder, which is not an object; write ARN/FOLDER/* for the objects in it."


def _in_bucket(objects: str, bucket: str) -> bool:
    return objects.startswith(f"{bucket}/") or covers((objects,), f"{bucket}/object")


def _key_mistakes(statement: Statement) -> Iterator[str]:
    """Yield what is wrong with a statement of a key policy that names Personalize."""
    if allows_more_than(statement, (*_KEY_ACTIONS, guide.KEY_EXPORT_ACTION)):
        yield "gives Personalize more of the key than the guide asks for."
    for resource in statement.resources:
        if ":alias/" in resource or resource.startswith("alias/"):
            yield "names an alias, which a key policy does not follow; write *."
