"""The provider's functions (`aws.get_...`): what they answer, and how they fail."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from sandbox.emulator import kms, schema
from sandbox.emulator.calls import pages, tag_map, unless_gone
from sandbox.emulator.documents import normalize
from sandbox.emulator.errors import AwsError
from sandbox.emulator.iam_policy import default_document
from sandbox.emulator.schema import Failure
from sandbox.emulator.session import Account, partition_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.emulator.wire import Props

_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn"}


def failures(token: str, arguments: Props) -> list[Failure]:
    """Arguments that pulumi-aws's function does not have."""
    try:
        known = schema.function(token).arguments
    except KeyError:
        return [Failure("", f"pulumi-aws has no function {token}")]
    found = []
    for name in sorted(arguments.keys() - known):
        near = get_close_matches(name, known, n=1, cutoff=0.0)
        hint = f", did you mean '{near[0]}'?" if near else ""
        found.append(Failure(name, f"unknown argument '{name}'{hint}"))
    return found


def answer(account: Account, token: str, arguments: Props) -> Props:
    """The function's result; AwsError when it fails or the sandbox does not emulate it."""
    if token not in _LOOKUPS:
        raise AwsError("NotEmulated", f"the sandbox does not emulate {token}")
    return _LOOKUPS[token](account, {name: value for name, value in arguments.items() if value is not None})


def _caller_identity(account: Account, _: Props) -> Props:
    identity = account.identity
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "id": identity["Account"],
        "userId": identity["UserId"],
    }


def _partition(account: Account, _: Props) -> Props:
    partition = account.partition
    suffix = _SUFFIXES.get(partition, "amazonaws.com")
    reversed_suffix = ".".join(reversed(suffix.split(".")))
    return {"dnsSuffix": suffix, "id": partition, "partition": partition, "reverseDnsPrefix": reversed_suffix}


def _region(account: Account, arguments: Props) -> Props:
    region = arguments.get("region") or arguments.get("name") or account.region
    suffix = _SUFFIXES.get(partition_of(region), "amazonaws.com")
    endpoint = f"ec2.{region}.{suffix}"
    return {"description": region, "endpoint": endpoint, "id": region, "name": region, "region": region}


def _get_role(account: Account, arguments: Props) -> Props:
    name = arguments["name"]
    found = unless_gone(account.client("iam").get_role, RoleName=name)
    if found is None:
        raise _not_found(f"reading IAM Role ({name})")
    role = found["Role"]
    document = role["AssumeRolePolicyDocument"]
    return {
        "arn": role["Arn"],
        "assumeRolePolicy": normalize(document if isinstance(document, str) else json.dumps(document)),
        "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": role.get("Description") or "",
        "id": role["RoleName"],
        "maxSessionDuration": role.get("MaxSessionDuration", 3600),
        "name": role["RoleName"],
        "path": role["Path"],
        "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "roleLastUseds": [],
        "tags": tag_map(role.get("Tags")),
        "uniqueId": role["RoleId"],
    }


def _get_policy(account: Account, arguments: Props) -> Props:
    client = account.client("iam")
    arn = arguments.get("arn")
    if not arn:
        scope = {"PathPrefix": arguments["pathPrefix"]} if arguments.get("pathPrefix") else {}
        named = [
            item["Arn"]
            for item in pages(client, "list_policies", "Policies", **scope)
            if item["PolicyName"] == arguments.get("name")
        ]
        arn = named[0] if len(named) == 1 else None
    found = unless_gone(client.get_policy, PolicyArn=arn) if arn else None
    if found is None:
        raise _not_found(f"reading IAM Policy ({arguments.get('arn') or arguments.get('name')})")
    policy = found["Policy"]
    return {
        "arn": policy["Arn"],
        "attachmentCount": policy["AttachmentCount"],
        "description": policy.get("Description") or "",
        "id": policy["Arn"],
        "name": policy["PolicyName"],
        "path": policy["Path"],
        "pathPrefix": arguments.get("pathPrefix"),
        "policy": default_document(client, policy),
        "policyId": policy["PolicyId"],
        "tags": tag_map(policy.get("Tags")),
    }


def _get_user(account: Account, arguments: Props) -> Props:
    name = arguments["userName"]
    found = unless_gone(account.client("iam").get_user, UserName=name)
    if found is None:
        raise _not_found(f"reading IAM User ({name})")
    user = found["User"]
    return {
        "arn": user["Arn"],
        "id": user["UserId"],
        "path": user["Path"],
        "permissionsBoundary": user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": tag_map(user.get("Tags")),
        "userId": user["UserId"],
        "userName": user["UserName"],
    }


def _get_group(account: Account, arguments: Props) -> Props:
    name = arguments["groupName"]
    found = unless_gone(account.client("iam").get_group, GroupName=name)
    if found is None:
        raise _not_found(f"reading IAM Group ({name})")
    group = found["Group"]
    users = [
        {"arn": user["Arn"], "path": user["Path"], "userId": user["UserId"], "userName": user["UserName"]}
        for user in found["Users"]
    ]
    return {
        "arn": group["Arn"],
        "groupId": group["GroupId"],
        "groupName": group["GroupName"],
        "id": group["GroupId"],
        "path": group["Path"],
        "users": users,
    }


def _get_bucket(account: Account, arguments: Props) -> Props:
    name, region = arguments["bucket"], arguments.get("region") or account.region
    client = account.client("s3", region)
    if unless_gone(client.head_bucket, Bucket=name) is None:
        raise _not_found(f"reading S3 Bucket ({name})")
    place = client.get_bucket_location(Bucket=name).get("LocationConstraint") or "us-east-1"
    suffix = _SUFFIXES.get(account.partition, "amazonaws.com")
    return {
        "arn": f"arn:{account.partition}:s3:::{name}",
        "bucket": name,
        "bucketDomainName": f"{name}.s3.{suffix}",
        "bucketRegion": place,
        "bucketRegionalDomainName": f"{name}.s3.{place}.{suffix}",
        "hostedZoneId": "",
        "id": name,
        "region": region,
        "websiteDomain": "",
        "websiteEndpoint": "",
    }


def _get_bucket_policy(account: Account, arguments: Props) -> Props:
    name, region = arguments["bucket"], arguments.get("region") or account.region
    found = unless_gone(account.client("s3", region).get_bucket_policy, Bucket=name)
    if found is None:
        raise _not_found(f"reading S3 Bucket ({name}) Policy")
    return {"bucket": name, "id": name, "policy": normalize(found["Policy"]), "region": region}


def _get_key(account: Account, arguments: Props) -> Props:
    key, region = arguments["keyId"], arguments.get("region") or account.region
    metadata = kms.find_key(account.client("kms", region), key)
    if metadata is None:
        raise AwsError("NotFoundException", f"reading KMS Key ({key}): Key '{key}' does not exist")
    deletion = metadata.get("DeletionDate")
    return {
        "arn": metadata["Arn"],
        "awsAccountId": metadata["AWSAccountId"],
        "cloudHsmClusterId": "",
        "creationDate": metadata["CreationDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "customKeyStoreId": "",
        "customerMasterKeySpec": metadata.get("KeySpec", "SYMMETRIC_DEFAULT"),
        "deletionDate": deletion.strftime("%Y-%m-%dT%H:%M:%SZ") if deletion else "",
        "description": metadata.get("Description", ""),
        "enabled": metadata["Enabled"],
        "expirationModel": "",
        "grantTokens": arguments.get("grantTokens"),
        "id": metadata["KeyId"],
        "keyId": key,
        "keyManager": metadata["KeyManager"],
        "keySpec": metadata.get("KeySpec", "SYMMETRIC_DEFAULT"),
        "keyState": metadata["KeyState"],
        "keyUsage": metadata["KeyUsage"],
        "multiRegion": metadata.get("MultiRegion", False),
        "multiRegionConfigurations": [],
        "origin": metadata["Origin"],
        "pendingDeletionWindowInDays": 0,
        "region": region,
        "validTo": "",
        "xksKeyConfigurations": [],
    }


def _get_alias(account: Account, arguments: Props) -> Props:
    name, region = arguments["name"], arguments.get("region") or account.region
    found = kms.find_alias(account.client("kms", region), name)
    if found is None:
        raise _not_found(f"reading KMS Alias ({name})")
    key = found["TargetKeyId"]
    return {
        "arn": found["AliasArn"],
        "id": found["AliasArn"],
        "name": name,
        "region": region,
        "targetKeyArn": f"arn:{account.partition}:kms:{region}:{account.account_id}:key/{key}",
        "targetKeyId": key,
    }


def _not_found(doing: str) -> AwsError:
    return AwsError("NotFound", f"{doing}: couldn't find resource")


_LOOKUPS: Final[dict[str, Callable[[Account, Props], Props]]] = {
    "aws:iam/getGroup:getGroup": _get_group,
    "aws:iam/getPolicy:getPolicy": _get_policy,
    "aws:iam/getRole:getRole": _get_role,
    "aws:iam/getUser:getUser": _get_user,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:kms/getAlias:getAlias": _get_alias,
    "aws:kms/getKey:getKey": _get_key,
    "aws:s3/getBucket:getBucket": _get_bucket,
    "aws:s3/getBucketPolicy:getBucketPolicy": _get_bucket_policy,
}
"""Functions by token."""

TOKENS: Final = frozenset(_LOOKUPS)
"""Functions that the sandbox emulates."""
