"""What S3 accepts as bucket names and bucket policies (S3 User Guide, "Bucket naming rules", "Bucket policies")."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from sandbox.emulator import grammar
from sandbox.emulator.documents import as_list
from sandbox.emulator.errors import AwsError
from sandbox.emulator.principals import require_principals
from sandbox.emulator.schema import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.emulator.session import Account

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_POLICY_BYTES: Final = 20 * 1024
_OBJECT_ACTIONS: Final = re.compile(
    r"s3:((get|put|delete)object(?!lockconfiguration).*|restoreobject|abortmultipartupload|listmultipartuploadparts"
    r"|replicate(object|delete|tags)|objectowneroverridetobucketowner|bypassgovernanceretention|initiatereplication"
    r"|updateobjectencryption)"
)


def name_failures(name: object) -> Iterator[Failure]:
    """Bucket names that S3 refuses."""
    if isinstance(name, str) and (not _NAME.fullmatch(name) or ".." in name or _like_address(name)):
        yield Failure(
            "bucket",
            f"{name!r} is no bucket name: 3 to 63 lower case letters, digits, dots and hyphens, "
            "beginning and ending with a letter or digit",
        )


def require_bucket_policy(account: Account, bucket: str, text: str) -> None:
    """AwsError when S3 would refuse the document as this bucket's policy."""
    if len(text.encode()) > _POLICY_BYTES:
        raise AwsError("PolicyTooLarge", "Bucket policies are limited to 20 KB in size")
    document = grammar.require(grammar.BUCKET, text)
    arn = f"arn:{account.partition}:s3:::{bucket}"
    for statement in as_list(document["Statement"]):
        resources = as_list(statement.get("Resource", statement.get("NotResource")))
        if not all(_of_bucket(resource, arn) for resource in resources):
            raise AwsError("MalformedPolicy", "Policy has invalid resource")
        if "Action" in statement and "Resource" in statement:
            _require_reach(as_list(statement["Action"]), resources, arn)
    require_principals(account, document, "MalformedPolicy", "Invalid principal in policy")


def _of_bucket(resource: str, arn: str) -> bool:
    pattern = resource.split("/", 1)[0]
    return fnmatchcase(arn, pattern.replace("[", "[[]"))


def _require_reach(actions: list[Any], resources: list[str], arn: str) -> None:
    """Every action must fit a resource: object actions an object, bucket actions the bucket itself."""
    objects = any("/" in resource or resource.endswith("*") for resource in resources)
    buckets = any(fnmatchcase(arn, resource.replace("[", "[[]")) for resource in resources)
    for action in actions:
        if "*" in action or "?" in action:
            continue
        fits = objects if _OBJECT_ACTIONS.fullmatch(action.lower()) else buckets
        if not fits:
            raise AwsError("MalformedPolicy", "Action does not apply to any resource(s) in statement")


def _like_address(name: str) -> bool:
    return re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name) is not None
