"""What S3 refuses and moto would accept (S3 User Guide, "Bucket naming rules", "Bucket policies")."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.s3.models import s3_backends

from sandbox.account import grammar, principals
from sandbox.account.call import Call, RefusedError
from sandbox.account.grammar import as_list

_NAME: Final = re.compile(
    r"(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)"
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
)
_POLICY_BYTES: Final = 20 * 1024
_OBJECT_ACTIONS: Final = re.compile(
    r"s3:((get|put|delete)object(?!lockconfiguration).*|restoreobject|abortmultipartupload|listmultipartuploadparts"
    r"|replicate(object|delete|tags)|objectowneroverridetobucketowner|bypassgovernanceretention|initiatereplication"
    r"|updateobjectencryption)"
)
_ANYWHERE: Final = frozenset({"CreateBucket", "GetBucketLocation"})
"""Operations that a bucket's name does not lead to its own region."""


def refuse(call: Call) -> None:
    """Refuse the call by AWS's code where S3 would."""
    bucket = call.parameters["Bucket"]
    if call.operation == "CreateBucket" and not _NAME.fullmatch(bucket):
        raise RefusedError("InvalidBucketName", "The specified bucket is not valid.")
    if bucket and call.operation not in _ANYWHERE:
        _require_region(call, bucket)
    if call.operation == "PutBucketPolicy" and _find(bucket):
        _require_policy(call, bucket, call.parameters["Policy"])


def _require_region(call: Call, bucket: str) -> None:
    """Send a caller who asks one region for a bucket of another to where it is."""
    found = _find(bucket)
    if found and found.region_name != call.region:
        raise RefusedError(
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. "
            "Please send all future requests to this endpoint.",
            status=301,
            headers={"x-amz-bucket-region": found.region_name},
        )


def _find(bucket: str) -> Any:  # noqa: ANN401 - moto has no types
    if bucket not in s3_backends.bucket_accounts:
        return None
    partition, account_id = s3_backends.bucket_accounts[bucket]
    return s3_backends[account_id][partition].buckets.get(bucket)


def _require_policy(call: Call, bucket: str, text: str) -> None:
    """Refuse what S3 would not take as this bucket's policy."""
    if len(text.encode()) > _POLICY_BYTES:
        raise RefusedError("PolicyTooLarge", "Bucket policies are limited to 20 KB in size")
    document = grammar.require(grammar.BUCKET, text)
    arn = f"arn:{call.partition}:s3:::{bucket}"
    for statement in as_list(document["Statement"]):
        resources = as_list(statement.get("Resource", statement.get("NotResource")))
        if not all(_matches(arn, resource.split("/", 1)[0]) for resource in resources):
            raise RefusedError("MalformedPolicy", "Policy has invalid resource")
        if "Action" in statement and "Resource" in statement:
            _require_reach(as_list(statement["Action"]), resources, arn)
    principals.require(call, document, "MalformedPolicy", "Invalid principal in policy")


def _require_reach(actions: list[Any], resources: list[str], arn: str) -> None:
    """Refuse an action that fits no resource: object actions need an object, bucket actions the bucket itself."""
    objects = any("/" in resource or resource.endswith("*") for resource in resources)
    buckets = any(_matches(arn, resource) for resource in resources)
    for action in actions:
        if "*" in action or "?" in action:
            continue
        fits = objects if _OBJECT_ACTIONS.fullmatch(action.lower()) else buckets
        if not fits:
            raise RefusedError("MalformedPolicy", "Action does not apply to any resource(s) in statement")


def _matches(arn: str, pattern: str) -> bool:
    return fnmatchcase(arn, pattern.replace("[", "[[]"))
