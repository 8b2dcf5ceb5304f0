"""The data sources: what they answer, and how they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.emulator.iam import default_document
from sandbox.emulator.kms import describe_alias, find_alias
from sandbox.emulator.resource import document, tag_map
from sandbox.emulator.s3 import describe
from sandbox.emulator.session import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.emulator.plans import Values
    from sandbox.emulator.session import Account

_SECONDS: Final = "%Y-%m-%dT%H:%M:%SZ"


def look_up(account: Account, type_name: str, asked: Values) -> Values:
    """Return the data source's answer with an id; AwsError where it fails."""
    found = _LOOKUPS[type_name](account, asked)
    named = ("id", "arn", "name", "bucket", "user_id", "group_id", "partition", "account_id")
    return {**asked, **found, "id": next(found[name] for name in named if found.get(name))}


def _find(account: Account, doing: str, service: str, operation: str, **parameters: object) -> Any:  # noqa: ANN401 - whatever AWS answers
    """Return what a call finds, or fail as the provider does where there is nothing."""
    try:
        answer = account.find(service, operation, **parameters)
    except AwsError as error:
        raise AwsError(f"{doing}: {error}", error.code) from error
    if answer is None:
        raise AwsError(f"{doing}: couldn't find resource")
    return answer


def _caller_identity(account: Account, _: Values) -> Values:
    identity = account.identity
    number = identity["Account"]
    return {"id": number, "account_id": number, "arn": identity["Arn"], "user_id": identity["UserId"]}


def _partition(account: Account, _: Values) -> Values:
    suffix = "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com"
    reverse = ".".join(reversed(suffix.split(".")))
    return {"dns_suffix": suffix, "partition": account.partition, "reverse_dns_prefix": reverse}


def _region(account: Account, asked: Values) -> Values:
    region = asked["name"] or account.region
    return {"description": region, "endpoint": f"ec2.{region}.amazonaws.com", "id": region, "name": region}


def _role(account: Account, asked: Values) -> Values:
    role = _find(account, f"reading IAM Role ({asked['name']})", "iam", "get_role", RoleName=asked["name"])["Role"]
    return {
        "arn": role["Arn"],
        "assume_role_policy": document(role["AssumeRolePolicyDocument"]),
        "create_date": role["CreateDate"].strftime(_SECONDS),
        "description": role.get("Description") or "",
        "id": role["RoleName"],
        "max_session_duration": role.get("MaxSessionDuration", 3600),
        "path": role["Path"],
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": tag_map(role.get("Tags")),
        "unique_id": role["RoleId"],
    }


def _policy(account: Account, asked: Values) -> Values:
    doing, arn = f"reading IAM Policy ({asked['arn'] or asked['name']})", asked["arn"]
    if not arn:
        listed = account.pages("iam", "list_policies", "Policies", PathPrefix=asked["path_prefix"] or "/")
        arns = [policy["Arn"] for policy in listed if policy["PolicyName"] == asked["name"]]
        if len(arns) != 1:
            raise AwsError(f"{doing}: couldn't find resource")
        [arn] = arns
    policy = _find(account, doing, "iam", "get_policy", PolicyArn=arn)["Policy"]
    return {
        "arn": policy["Arn"],
        "attachment_count": policy["AttachmentCount"],
        "description": policy.get("Description") or "",
        "name": policy["PolicyName"],
        "path": policy["Path"],
        "policy": default_document(account, policy),
        "policy_id": policy["PolicyId"],
        "tags": tag_map(policy.get("Tags")),
    }


def _user(account: Account, asked: Values) -> Values:
    name = asked["user_name"]
    user = _find(account, f"reading IAM User ({name})", "iam", "get_user", UserName=name)["User"]
    return {
        "arn": user["Arn"],
        "id": user["UserId"],
        "path": user["Path"],
        "permissions_boundary": user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": tag_map(user.get("Tags")),
        "user_id": user["UserId"],
    }


def _group(account: Account, asked: Values) -> Values:
    name = asked["group_name"]
    answer = _find(account, f"reading IAM Group ({name})", "iam", "get_group", GroupName=name)
    users = [
        {"arn": user["Arn"], "path": user["Path"], "user_id": user["UserId"], "user_name": user["UserName"]}
        for user in answer["Users"]
    ]
    group = answer["Group"]
    return {
        "arn": group["Arn"],
        "group_id": group["GroupId"],
        "id": group["GroupId"],
        "path": group["Path"],
        "users": users,
    }


def _bucket(account: Account, asked: Values) -> Values:
    name = asked["bucket"]
    _find(account, f"reading S3 Bucket ({name})", "s3", "head_bucket", Bucket=name)
    return {"id": name, **describe(account, name)}


def _bucket_policy(account: Account, asked: Values) -> Values:
    name = asked["bucket"]
    found = _find(account, f"reading S3 Bucket ({name}) Policy", "s3", "get_bucket_policy", Bucket=name)
    return {"id": name, "policy": document(found["Policy"])}


def _key(account: Account, asked: Values) -> Values:
    key = asked["key_id"]
    try:
        metadata = account.call("kms", "describe_key", KeyId=key)["KeyMetadata"]
    except AwsError as error:
        raise AwsError(f"reading KMS Key ({key}): {error}", error.code) from error
    deletion = metadata.get("DeletionDate")
    return {
        "arn": metadata["Arn"],
        "aws_account_id": metadata["AWSAccountId"],
        "creation_date": metadata["CreationDate"].strftime(_SECONDS),
        "customer_master_key_spec": metadata["KeySpec"],
        "deletion_date": deletion.strftime(_SECONDS) if deletion else "",
        "description": metadata.get("Description", ""),
        "enabled": metadata["Enabled"],
        "id": metadata["KeyId"],
        "key_manager": metadata["KeyManager"],
        "key_spec": metadata["KeySpec"],
        "key_state": metadata["KeyState"],
        "key_usage": metadata["KeyUsage"],
        "multi_region": metadata.get("MultiRegion", False),
        "origin": metadata["Origin"],
    }


def _alias(account: Account, asked: Values) -> Values:
    found = find_alias(account, asked["name"])
    if found is None:
        raise AwsError(f"reading KMS Alias ({asked['name']}): couldn't find resource")
    return describe_alias(account, found)


_LOOKUPS: Final[dict[str, Callable[[Account, Values], Values]]] = {
    "aws_caller_identity": _caller_identity,
    "aws_iam_group": _group,
    "aws_iam_policy": _policy,
    "aws_iam_role": _role,
    "aws_iam_user": _user,
    "aws_kms_alias": _alias,
    "aws_kms_key": _key,
    "aws_partition": _partition,
    "aws_region": _region,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_policy": _bucket_policy,
}
