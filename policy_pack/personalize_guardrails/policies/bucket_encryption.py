"""The advisory check that a service role may use the key of each bucket that it may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from pulumi_policy import PolicyResource, Severity, StackValidationArgs, StackValidationPolicy

from personalize_guardrails import guide
from personalize_guardrails.extraction.resource_types import BUCKET, BUCKET_ENCRYPTION, types_of
from personalize_guardrails.iam.evaluation.statements import covers_action
from personalize_guardrails.iam.json_text import nested_members
from personalize_guardrails.policies.documents import BUCKET_ARN, may_reach
from personalize_guardrails.policies.sdk import KEY_PAGE, Violations, declared_in, pack_policy
from personalize_guardrails.policies.stack import Stack

if TYPE_CHECKING:
    from personalize_guardrails.iam import Statement

_ENCRYPTION_TYPES: Final = types_of(BUCKET, BUCKET_ENCRYPTION)
_KEY_FIELD: Final = "kmsmasterkeyid"
"""The field that names the key, in lower case: each provider spells it in its own way."""


@pack_policy(
    StackValidationPolicy,
    "bucket-encryption-key-access",
    "Service roles may use the keys of their buckets",
    "A role that Amazon Personalize assumes may use the KMS key that encrypts a bucket which it may use.",
    Severity.MEDIUM,
    "Allow kms:Decrypt and kms:GenerateDataKey on the bucket's key in the role's policy, and in the key's.",
    KEY_PAGE,
)
def bucket_encryption_key_access(args: StackValidationArgs) -> Violations:
    """Yield each bucket that a service role may use although it may not use the bucket's KMS key."""
    stack = Stack(args.resources)
    encrypted = list(_encrypted_buckets(args.resources)) if stack.service_roles else []
    if not encrypted or stack.has_unknown_identity_policy:
        return  # a policy that is not known yet may grant what seems to be missing
    for role, role_arn in stack.service_roles.items():
        own = stack.statements_of(role)
        for bucket, key, urn in encrypted:
            needed = {
                action: None
                for use, actions in guide.KEY_ACTIONS_BY_OBJECT_ACTION.items()
                if any(covers_action(each, use) and _reaches_objects(each, bucket, role_arn) for each in own)
                for action in actions
            }
            if lacking := stack.lacking_on_key(needed, own, key, role_arn):
                message = (
                    f"Bucket {bucket} is encrypted with a KMS key, and service role {role} may use the bucket but not "
                    f"the key: it lacks {' and '.join(lacking)}."
                )
                yield message, urn


def _reaches_objects(statement: Statement, bucket: str, role_arn: str) -> bool:
    """Return whether a statement applies to objects of the bucket, at least to those with some prefix."""
    partition = role_arn.split(":")[1]
    return may_reach(statement, f"arn:{partition}:s3:::{bucket}/object") or any(
        (named := BUCKET_ARN.fullmatch(each)) and named[1] == bucket and named[2] for each in statement.resources
    )


def _encrypted_buckets(resources: Iterable[PolicyResource]) -> Iterator[tuple[str, str, str]]:
    """Yield bucket, ARN of the key, and URN of the resource that declares it, for each bucket with a customer's key."""
    for resource, each in declared_in(resources, _ENCRYPTION_TYPES):
        if each.kind in {BUCKET, BUCKET_ENCRYPTION}:
            keys = {key for value in each.possible_values("BucketEncryption") for key in _key_arns(value)}
            if isinstance(bucket := each.get("BucketName"), str):
                yield from ((bucket, key, resource.urn) for key in sorted(keys))


def _key_arns(encryption: object) -> Iterator[str]:
    """Yield the ARNs of keys in the encryption of a bucket, not aliases or ids, since policies name keys by ARN."""
    for name, value in nested_members(encryption):
        if name.lower() == _KEY_FIELD and isinstance(value, str) and ":key/" in value:
            yield value
