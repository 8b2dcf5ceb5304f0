"""What AWS answers: the outputs of the IAM, S3, KMS and Personalize resources that permissions are about.

Names that a program leaves to Pulumi get its random suffix, here a fixed one per logical name, so that tests repeat.
Sources: IAM User Guide, "IAM identifiers" (ARNs with path, unique IDs and their prefixes); Pulumi's "Auto-naming".
"""

import re
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
    if kind not in _ANSWERS:
        return f"{name}-id", given
    identifier, answer = _ANSWERS[kind]
    outputs = answer(name, given, place)
    return re.sub(r"\w+", lambda output: str(outputs.get(output[0])), identifier), outputs


def known_outputs(kind: str, identifier: str) -> State:
    """Return what the identifier of an existing resource says about it: its name, or its ARN."""
    if not identifier:
        return {}
    if kind == "aws:iam/policy:Policy":
        _, is_arn, resource = identifier.partition(":policy/")
        *path, name = resource.split("/")
        return {"arn": identifier, "name": name, "path": "/".join(["", *path, ""])} if is_arn else {}
    output, _ = _ANSWERS.get(kind, ("", None))
    return {output: identifier} if output.isalpha() else {}


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _named(name: str, given: State, argument: str = "name") -> str:
    """Return the name that an argument gives, or a prefix of it with a suffix."""
    prefix = given.get(f"{argument}Prefix") or f"{name}-"
    return str(given.get(argument) or f"{prefix}{_digest(name)[:7]}")


def _identity(kind: str, unique_id: str) -> "_Answer":
    """Return the answer for IAM resources of a kind: their name, path, ARN and unique id."""

    def answer(name: str, given: State, place: Location) -> State:
        called, path = _named(name, given), given.get("path") or "/"
        arn = str(given.get("arn") or f"arn:{place.partition}:iam::{place.account}:{kind}{path}{called}")
        identifier = (_UNIQUE_IDS[kind] + _digest(arn).upper())[:21]
        return {**given, "name": called, "path": path, "arn": arn, unique_id: identifier}

    return answer


def _bucket(name: str, given: State, place: Location) -> State:
    """Answer for a bucket: its name, ARN and domain names."""
    bucket = _named(name, given, "bucket")
    domain = "amazonaws.com.cn" if place.partition == "aws-cn" else "amazonaws.com"
    return {
        "region": place.region,
        **given,
        "bucket": bucket,
        "arn": f"arn:{place.partition}:s3:::{bucket}",
        "bucketDomainName": f"{bucket}.s3.{domain}",
        "bucketRegionalDomainName": f"{bucket}.s3.{place.region}.{domain}",
    }


def _key(name: str, given: State, place: Location) -> State:
    key = str(given.get("keyId") or UUID(_digest(name)[:32])).rsplit("/", 1)[-1]
    return {**given, "keyId": key, "arn": to_key_arn(key, place.partition, place.region, place.account)}


def _personalize(kind: str, path: str) -> "_Answer":
    """Return the answer for Personalize resources of a kind: their name and ARN."""

    def answer(name: str, given: State, place: Location) -> State:
        called = _named(name, given)
        if kind == "dataset":
            called = f"{str(given.get('datasetGroupArn')).rsplit('/', 1)[-1]}/{str(given.get('datasetType')).upper()}"
        arn = f"arn:{place.partition}:personalize:{place.region}:{place.account}:{path}/{called}"
        return {"name": called, f"{kind}Arn": arn, **given}

    return answer


def _inline(name: str, given: State, _place: Location) -> State:
    return {**given, "name": _named(name, given)}


def _as_given(_name: str, given: State, _place: Location) -> State:
    return given


_Answer = Callable[[str, State, Location], State]
_ANSWERS: Final[Mapping[str, tuple[str, _Answer]]] = MappingProxyType(
    {
        "aws:iam/user:User": ("name", _identity("user", "uniqueId")),
        "aws:iam/group:Group": ("name", _identity("group", "uniqueId")),
        "aws:iam/role:Role": ("name", _identity("role", "uniqueId")),
        "aws:iam/policy:Policy": ("arn", _identity("policy", "policyId")),
        "aws:iam/instanceProfile:InstanceProfile": ("name", _identity("instance-profile", "uniqueId")),
        "aws:iam/userPolicy:UserPolicy": ("user:name", _inline),
        "aws:iam/groupPolicy:GroupPolicy": ("group:name", _inline),
        "aws:iam/rolePolicy:RolePolicy": ("role:name", _inline),
        "aws:iam/userPolicyAttachment:UserPolicyAttachment": ("user/policyArn", _as_given),
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ("group/policyArn", _as_given),
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role/policyArn", _as_given),
        "aws:s3/bucket:Bucket": ("bucket", _bucket),
        "aws:s3/bucketV2:BucketV2": ("bucket", _bucket),
        "aws:s3/bucketPolicy:BucketPolicy": ("bucket", _as_given),
        "aws:kms/key:Key": ("keyId", _key),
        "aws:kms/keyPolicy:KeyPolicy": ("keyId", _as_given),
        "aws-native:personalize:Dataset": ("datasetArn", _personalize("dataset", "dataset")),
        "aws-native:personalize:DatasetGroup": ("datasetGroupArn", _personalize("datasetGroup", "dataset-group")),
        "aws-native:personalize:Schema": ("schemaArn", _personalize("schema", "schema")),
        "aws-native:personalize:Solution": ("solutionArn", _personalize("solution", "solution")),
    }
)
"""By type: the outputs that are its identifier, joined as the provider joins them, and what makes the outputs."""
