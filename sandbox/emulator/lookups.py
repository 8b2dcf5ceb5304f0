"""The data sources: what they answer, and how they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.emulator.resource import document
from sandbox.emulator.session import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.emulator.plans import Values
    from sandbox.emulator.session import Account


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


def _bucket_policy(account: Account, asked: Values) -> Values:
    name, doing = asked["bucket"], f"reading S3 Bucket ({asked['bucket']}) Policy"
    try:
        found = account.find("s3", "get_bucket_policy", Bucket=name)
    except AwsError as error:
        raise AwsError(f"{doing}: {error}") from error
    if found is None:
        raise AwsError(f"{doing}: couldn't find resource")
    return {"id": name, "policy": document(found["Policy"])}


def _default_tags(account: Account, _: Values) -> Values:
    return {"id": account.partition, "tags": dict(account.default_tags)}


_LOOKUPS: Final[dict[str, Callable[[Account, Values], Values]]] = {
    "aws_caller_identity": _caller_identity,
    "aws_default_tags": _default_tags,
    "aws_partition": _partition,
    "aws_region": _region,
    "aws_s3_bucket_policy": _bucket_policy,
}
