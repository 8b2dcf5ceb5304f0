"""The data sources: what they answer, and how they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sandbox.emulator import iam
from sandbox.emulator.resource import document
from sandbox.emulator.session import Account, AwsError

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values


def look_up(account: Account, type_name: str, asked: Values) -> Values:
    """Return the data source's answer; AwsError where it fails."""
    return {**asked, **_LOOKUPS[type_name](account, asked)}


def _caller_identity(account: Account, _: Values) -> Values:
    identity = account.identity
    number = identity["Account"]
    return {"id": number, "account_id": number, "arn": identity["Arn"], "user_id": identity["UserId"]}


def _partition(account: Account, _: Values) -> Values:
    suffix = "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com"
    names = {"id": account.partition, "partition": account.partition}
    return {**names, "dns_suffix": suffix, "reverse_dns_prefix": ".".join(reversed(suffix.split(".")))}


def _region(account: Account, asked: Values) -> Values:
    region = asked["name"] or account.region
    return {"description": region, "endpoint": f"ec2.{region}.amazonaws.com", "id": region, "name": region}


def _role(account: Account, asked: Values) -> Values:
    name = asked["name"]
    found = _existing(f"IAM Role ({name})", lambda: iam.Role().read(account, name, {}))
    return {"id": name, **found, "tags": found["tags_all"]}


def _policy(account: Account, asked: Values) -> Values:
    name, arn = asked["name"], asked["arn"]
    if not arn:
        arn = {each["PolicyName"]: each["Arn"] for each in account.pages("iam", "list_policies", "Policies")}.get(name)
    found = _existing(f"IAM Policy ({arn or name})", lambda: iam.Policy().read(account, arn, {}) if arn else None)
    return {"id": arn, **found, "tags": found["tags_all"]}


def _bucket(account: Account, asked: Values) -> Values:
    name = asked["bucket"]
    found = _existing(f"S3 Bucket ({name})", lambda: account.find("s3", "head_bucket", Bucket=name))
    return {"id": name, "arn": f"arn:{account.partition}:s3:::{name}", "region": found["BucketRegion"]}


def _bucket_policy(account: Account, asked: Values) -> Values:
    name = asked["bucket"]
    found = _existing(f"S3 Bucket ({name}) Policy", lambda: account.find("s3", "get_bucket_policy", Bucket=name))
    return {"id": name, "policy": document(found["Policy"])}


def _existing(title: str, find: Callable[[], Values | None]) -> Values:
    """Return what `find` finds; AwsError where AWS refuses or has nothing."""
    try:
        found = find()
    except AwsError as error:
        raise AwsError(f"reading {title}: {error}") from error
    if found is None:
        raise AwsError(f"reading {title}: couldn't find resource")
    return found


def _default_tags(account: Account, _: Values) -> Values:
    return {"id": account.partition, "tags": dict(account.default_tags)}


_LOOKUPS: Final[dict[str, Callable[[Account, Values], Values]]] = {
    "aws_caller_identity": _caller_identity,
    "aws_default_tags": _default_tags,
    "aws_iam_policy": _policy,
    "aws_iam_role": _role,
    "aws_partition": _partition,
    "aws_region": _region,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_policy": _bucket_policy,
}
