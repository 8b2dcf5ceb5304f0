"""Makes the people, buckets and keys that the reference stack's configuration names, and removes them again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.cloud import ACCOUNT, KEY_ID_TAG, Cloud
from sandbox.paths import REPOSITORY
from sandbox.safety import REGION

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_s3.client import S3Client

CONFIGURATION: Final = REPOSITORY / "Pulumi.sandbox.yaml"
_PROJECT: Final = "personalize-permissions"
_ARN_PARTS: Final = 6
_BY_THE_ACCOUNT: Final = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
_ASSUMABLE: Final = json.dumps({"Version": "2012-10-17", "Statement": [_BY_THE_ACCOUNT]})


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a configuration names: its kind, its name or a key's ARN, its region, and the policy it has."""

    kind: str
    name: str
    region: str = REGION
    policy: str | None = None


def named(configuration: Path = CONFIGURATION) -> list[Thing]:
    """Read what a stack's configuration names; values of a wrong type are left for the component to report."""
    settings = (yaml.safe_load(configuration.read_text()) or {}).get("config") or {}
    region = settings.get("aws:region", REGION)
    config = {key.removeprefix(f"{_PROJECT}:"): value for key, value in settings.items()}
    people = [
        Thing(kind, name)
        for kind in ("user", "group", "role")
        for holder in _holders(config)
        for name in _items(holder, f"{kind}s")
        if isinstance(name, str)
    ]
    buckets = [Thing("bucket", name, region, policy) for name, policy in _with_policies(config, "buckets", "bucket")]
    keys = [
        Thing("key", arn, parts[3], policy)
        for arn, policy in _with_policies(config, "keys", "keyArn")
        if len(parts := arn.split(":")) == _ARN_PARTS and parts[4] == ACCOUNT
    ]
    return [*people, *buckets, *keys]


def sow(cloud: Cloud, record: Path, things: Iterable[Thing]) -> None:
    """Make the things that are not there yet, and add them to the record, which `reap` reads."""
    iam, s3 = cloud.iam(), cloud.s3()
    makers: dict[str, Callable[[Thing], object]] = {
        "user": lambda user: iam.create_user(UserName=user.name),
        "group": lambda group: iam.create_group(GroupName=group.name),
        "role": lambda role: iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=_ASSUMABLE),
        "bucket": lambda bucket: _make_bucket(s3, bucket),
        "key": lambda key: _make_key(cloud.kms(key.region), key),
    }
    sown = _read(record)
    for thing in things:
        with contextlib.suppress(ClientError, BotoCoreError):  # it is there, or the component reports its name
            if makers[thing.kind](thing):
                sown.append(thing)
                record.write_text(json.dumps([[each.kind, each.name] for each in sown]))


def reap(cloud: Cloud, record: Path) -> list[str]:
    """Remove what `sow` made, and return what else is left: nothing, after the stack was destroyed."""
    iam, s3 = cloud.iam(), cloud.s3()
    removers: dict[str, Callable[[str], object]] = {
        "user": lambda name: iam.delete_user(UserName=name),
        "group": lambda name: iam.delete_group(GroupName=name),
        "role": lambda name: iam.delete_role(RoleName=name),
        "bucket": lambda name: s3.delete_bucket(Bucket=name),
    }
    for thing in _read(record):
        if remove := removers.get(thing.kind):  # keys stay: AWS deletes none at once
            with contextlib.suppress(ClientError):  # somebody removed it, or uses it: then it is reported below
                remove(thing.name)
    record.unlink(missing_ok=True)
    return [
        *(f"user {user['UserName']}" for user in iam.list_users()["Users"]),
        *(f"group {group['GroupName']}" for group in iam.list_groups()["Groups"]),
        *(f"role {role['RoleName']}" for role in iam.list_roles()["Roles"]),
        *(f"policy {policy['PolicyName']}" for policy in iam.list_policies(Scope="Local")["Policies"]),
        *(f"bucket {bucket['Name']}" for bucket in s3.list_buckets()["Buckets"]),
    ]


def _read(record: Path) -> list[Thing]:
    return [Thing(kind, name) for kind, name in json.loads(record.read_text())] if record.exists() else []


def _holders(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give what names users, groups and roles: the configuration itself, and each entry of its lists of identities."""
    yield config
    for key in ("applications", "readers", "dataScientists"):
        yield from (entry for entry in _items(config, key) if isinstance(entry, dict))


def _items(config: Mapping[str, Any], key: str) -> list[Any]:
    items = config.get(key)
    return items if isinstance(items, list) else []


def _with_policies(config: Mapping[str, Any], key: str, name: str) -> Iterator[tuple[str, str | None]]:
    """Give the name and the existing policy, as JSON, of each entry."""
    for entry in _items(config, key):
        if isinstance(entry, dict) and isinstance(entry.get(name), str):
            policy = entry.get("existingPolicy")
            yield entry[name], json.dumps(policy) if isinstance(policy, dict) else policy


def _make_bucket(s3: S3Client, bucket: Thing) -> bool:
    """Make a bucket with its policy; False where it is there, since S3 lets its owner make it again in us-east-1."""
    if any(each["Name"] == bucket.name for each in s3.list_buckets()["Buckets"]):
        return False
    elsewhere = {} if bucket.region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
    s3.create_bucket(Bucket=bucket.name, **elsewhere)  # type: ignore[arg-type] # the stubs list the regions of their day
    with contextlib.suppress(ClientError):  # the component reports what is wrong with the policy
        if bucket.policy:
            s3.put_bucket_policy(Bucket=bucket.name, Policy=bucket.policy)
    return True


def _make_key(kms: KMSClient, key: Thing) -> bool:
    """Make a key with the id of the ARN, by a tag that `sandbox.moto_server` understands; False where it is there."""
    key_id = key.name.rpartition("/")[2]
    if any(each["KeyId"] == key_id for page in kms.get_paginator("list_keys").paginate() for each in page["Keys"]):
        return False
    policy = {"Policy": key.policy} if key.policy else {}
    kms.create_key(Tags=[{"TagKey": KEY_ID_TAG, "TagValue": key_id}], **policy)  # type: ignore[arg-type] # one argument
    return True
