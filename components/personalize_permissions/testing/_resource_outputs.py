"""What AWS answers: the outputs of the IAM, S3, KMS and Personalize resources that permissions are about.

Names that a program leaves to Pulumi get its random suffix, here a fixed one per logical name, so that tests repeat.
Sources: IAM User Guide, "IAM identifiers" (ARNs with path, unique IDs and their prefixes); Pulumi's "Auto-naming".
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from personalize_permissions._documents.encryption_keys import to_key_arn
from personalize_permissions._runtime.location import Location
from personalize_permissions.testing._values import to_text

State = dict[str, Any]
_UNIQUE_IDS: Final = MappingProxyType(
    {"user": "AIDA", "group": "AGPA", "role": "AROA", "policy": "ANPA", "instance-profile": "AIPA"}
)
_DOCUMENTS: Final = frozenset({"assumeRolePolicy", "policy"})
"""Inputs that a program may give as a mapping; the provider answers JSON text."""


def outputs_of(kind: str, name: str, inputs: Mapping[str, Any], place: Location) -> tuple[str, State]:
    """Return identifier and outputs of one resource of type `kind` (`aws:iam/role:Role`) with the logical name `name`.

    Types that are not about permissions answer with their inputs.
    """
    given = {
        key: to_text(value) if key in _DOCUMENTS and isinstance(value, Mapping) else value
        for key, value in inputs.items()
    }
    if given.get("region"):
        place = replace(place, region=str(given["region"]))
    answer = _ANSWERS.get(kind)
    return answer(name, given, place) if answer else (f"{name}-id", given)


def known_outputs(kind: str, identifier: str) -> State:
    """Return what the identifier of an existing resource says about it: its name, or its ARN."""
    if not identifier:
        return {}
    if kind == "aws:iam/policy:Policy" and ":policy/" in identifier:
        _, *path, name = identifier.split(":", 5)[-1].split("/")
        return {"arn": identifier, "name": name, "path": "/".join(["", *path, ""])}
    field = _IDENTIFIERS.get(kind)
    return {field: identifier} if field else {}


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _named(name: str, given: State, argument: str = "name") -> str:
    """Return the name that an argument gives, or a prefix of it with a suffix."""
    prefix = given.get(f"{argument}Prefix") or f"{name}-"
    return str(given.get(argument) or f"{prefix}{_digest(name)[:7]}")


def _identity(kind: str, unique_id: str, *, by_arn: bool = False) -> "_Answer":
    """Return the answer for IAM resources of a kind: their name, path, ARN and unique id."""

    def answer(name: str, given: State, place: Location) -> tuple[str, State]:
        called, path = _named(name, given), given.get("path") or "/"
        arn = str(given.get("arn") or f"arn:{place.partition}:iam::{place.account}:{kind}{path}{called}")
        state = {**given, "name": called, "path": path, "arn": arn}
        state[unique_id] = (_UNIQUE_IDS[kind] + _digest(arn).upper())[:21]
        return arn if by_arn else called, state

    return answer


def _bucket(name: str, given: State, place: Location) -> tuple[str, State]:
    """Answer for a bucket: its name, ARN and domain names."""
    bucket = _named(name, given, "bucket")
    domain = "amazonaws.com.cn" if place.partition == "aws-cn" else "amazonaws.com"
    return bucket, {
        "region": place.region,
        **given,
        "bucket": bucket,
        "arn": f"arn:{place.partition}:s3:::{bucket}",
        "bucketDomainName": f"{bucket}.s3.{domain}",
        "bucketRegionalDomainName": f"{bucket}.s3.{place.region}.{domain}",
    }


def _key(name: str, given: State, place: Location) -> tuple[str, State]:
    key = str(given.get("keyId") or UUID(_digest(name)[:32])).rsplit("/", 1)[-1]
    return key, {**given, "keyId": key, "arn": to_key_arn(key, place.partition, place.region, place.account)}


def _personalize(kind: str, path: str) -> "_Answer":
    """Return the answer for Personalize resources of a kind: their name and ARN."""

    def answer(name: str, given: State, place: Location) -> tuple[str, State]:
        called = _named(name, given)
        if kind == "dataset":
            called = f"{str(given.get('datasetGroupArn')).rsplit('/', 1)[-1]}/{str(given.get('datasetType')).upper()}"
        arn = f"arn:{place.partition}:personalize:{place.region}:{place.account}:{path}/{called}"
        return arn, {"name": called, **given, f"{kind}Arn": arn}

    return answer


def _inline(owner: str) -> "_Answer":
    def answer(name: str, given: State, _: Location) -> tuple[str, State]:
        called = _named(name, given)
        return f"{given.get(owner)}:{called}", {**given, "name": called}

    return answer


def _attached(owner: str) -> "_Answer":
    return lambda _name, given, _place: (f"{given.get(owner)}/{given.get('policyArn')}", given)


def _same_as(field: str) -> "_Answer":
    return lambda _name, given, _place: (str(given.get(field)), given)


_IDENTIFIERS: Final = MappingProxyType(
    {
        "aws:iam/user:User": "name",
        "aws:iam/group:Group": "name",
        "aws:iam/role:Role": "name",
        "aws:iam/instanceProfile:InstanceProfile": "name",
        "aws:s3/bucket:Bucket": "bucket",
        "aws:s3/bucketV2:BucketV2": "bucket",
        "aws:s3/bucketPolicy:BucketPolicy": "bucket",
        "aws:kms/key:Key": "keyId",
        "aws:kms/keyPolicy:KeyPolicy": "keyId",
    }
)
_Answer = Callable[[str, State, Location], tuple[str, State]]
_ANSWERS: Final[Mapping[str, _Answer]] = MappingProxyType(
    {
        "aws:iam/user:User": _identity("user", "uniqueId"),
        "aws:iam/group:Group": _identity("group", "uniqueId"),
        "aws:iam/role:Role": _identity("role", "uniqueId"),
        "aws:iam/policy:Policy": _identity("policy", "policyId", by_arn=True),
        "aws:iam/instanceProfile:InstanceProfile": _identity("instance-profile", "uniqueId"),
        "aws:iam/userPolicy:UserPolicy": _inline("user"),
        "aws:iam/groupPolicy:GroupPolicy": _inline("group"),
        "aws:iam/rolePolicy:RolePolicy": _inline("role"),
        "aws:iam/userPolicyAttachment:UserPolicyAttachment": _attached("user"),
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": _attached("group"),
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attached("role"),
        "aws:s3/bucket:Bucket": _bucket,
        "aws:s3/bucketV2:BucketV2": _bucket,
        "aws:s3/bucketPolicy:BucketPolicy": _same_as("bucket"),
        "aws:kms/key:Key": _key,
        "aws:kms/keyPolicy:KeyPolicy": _same_as("keyId"),
        "aws-native:personalize:Dataset": _personalize("dataset", "dataset"),
        "aws-native:personalize:DatasetGroup": _personalize("datasetGroup", "dataset-group"),
        "aws-native:personalize:Schema": _personalize("schema", "schema"),
        "aws-native:personalize:Solution": _personalize("solution", "solution"),
    }
)
