"""Requests of Personalize and of people, with the condition keys that AWS sends in them.

Source: IAM User Guide, "AWS global condition context keys".
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from personalize_guardrails.guide import SERVICE, SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.iam import Arn
from personalize_guardrails.iam.evaluation import Caller, Request

SOME_OBJECT: Final = "some-object"
"""The key of an example object, for requests about any object."""
Values = Mapping[str, str | Iterable[str]]
NO_KEYS: Final[Values] = MappingProxyType({})


def now() -> datetime:
    """Return the time at which requests are made."""
    return datetime.now(UTC)


def request_of_service(
    action: str, resource: str, region: str, sources: Values, more: Values = NO_KEYS, *, service: str = SERVICE
) -> Request:
    """Return a request of a service on behalf of its `sources`; `more` are further condition keys."""
    own = {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": service}
    return Request.of(Caller.service(service), action, resource, {**_of_every(region), **own, **sources, **more})


def request_of_identity(
    arn: str, action: str, resource: str, region: str, tags: Mapping[str, str], more: Values = NO_KEYS
) -> Request:
    """Return a request of a user, group or role with these tags; `more` are further condition keys."""
    who = Arn.parse(arn)
    kind, _, path = who.resource.partition("/")
    own = {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": who.account,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole" if kind == "role" else "User",
        **({"aws:username": path.rsplit("/", 1)[-1]} if kind == "user" else {}),
        **{f"aws:PrincipalTag/{key}": value for key, value in tags.items()},
    }
    return Request.of(Caller(who), action, resource, {**_of_every(region), **own, **more})


def sources_of(partition: str, region: str, account: str, job: str) -> dict[str, str]:
    """Return the source keys that Personalize sends for a resource such as `dataset-import-job`."""
    return {SOURCE_ACCOUNT: account, SOURCE_ARN: f"arn:{partition}:personalize:{region}:{account}:{job}/some-job"}


def resource_keys(action: str, owner: str, caller: str, organization: str = "") -> dict[str, str]:
    """Return the condition keys about the resource's owner; `caller` and `owner` are accounts.

    `organization` is the owner's; it is empty where that is not known.
    """
    keys = {"aws:ResourceAccount": owner}
    if action.startswith("s3:"):
        keys["s3:ResourceAccount"] = owner
    if action.startswith("kms:"):
        keys["kms:CallerAccount"] = caller
    if organization:
        keys["aws:ResourceOrgID"] = organization
    return keys


def _of_every(region: str) -> dict[str, str]:
    """Return the condition keys that are in every request."""
    present = now()
    return {
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        "aws:RequestedRegion": region,
        "aws:CurrentTime": present.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(present.timestamp())),
    }
