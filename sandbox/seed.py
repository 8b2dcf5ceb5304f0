"""What stands in the account before the reference stack: the people, buckets and keys that its configuration names."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

USERS: Final = ("alice", "bob")
GROUPS: Final = ("data-science",)
ROLES: Final = ("federated-analyst",)
BUCKETS: Final = ("shop-training-data", "shop-recommendations")
KEY_DESCRIPTION: Final = "Encrypts the shop's datasets"

_TRUSTS_NOBODY_ELSE: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
        ],
    }
)
_BACKUP_READS: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "BackupReads",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{BUCKETS[1]}/*",
            }
        ],
    }
)
"""Somebody else's bucket policy: the reference stack's configuration holds it as `existingPolicy`."""


def sow(cloud: Cloud) -> None:
    """Make everything that is not there yet."""
    iam, s3, kms = cloud.iam(), cloud.s3(), cloud.kms()
    for user in USERS:
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=user)
    for group in GROUPS:
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_group(GroupName=group)
    for role in ROLES:
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=_TRUSTS_NOBODY_ELSE)
    if not kms.list_keys()["Keys"]:
        cloud.repeat_itself()  # the key's id stands in the stack's configuration
        kms.create_key(Description=KEY_DESCRIPTION)
    standing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for bucket in BUCKETS:
        if bucket not in standing:
            s3.create_bucket(Bucket=bucket)
    try:
        s3.get_bucket_policy(Bucket=BUCKETS[1])
    except ClientError:
        s3.put_bucket_policy(Bucket=BUCKETS[1], Policy=_BACKUP_READS)


def reap(cloud: Cloud) -> list[str]:
    """Remove what `sow` made, and tell what else stands: nothing, after the stack was destroyed."""
    iam, s3 = cloud.iam(), cloud.s3()
    gone = (iam.exceptions.NoSuchEntityException, s3.exceptions.NoSuchBucket)  # a killed run may have sown half
    for bucket in BUCKETS:
        with contextlib.suppress(*gone):
            s3.delete_bucket(Bucket=bucket)
    for user in USERS:
        with contextlib.suppress(*gone):
            iam.delete_user(UserName=user)
    for group in GROUPS:
        with contextlib.suppress(*gone):
            iam.delete_group(GroupName=group)
    for role in ROLES:
        with contextlib.suppress(*gone):
            iam.delete_role(RoleName=role)
    return [
        *(f"user {user['UserName']}" for user in iam.list_users()["Users"]),
        *(f"group {group['GroupName']}" for group in iam.list_groups()["Groups"]),
        *(f"role {role['RoleName']}" for role in iam.list_roles()["Roles"]),
        *(f"policy {policy['PolicyName']}" for policy in iam.list_policies(Scope="Local")["Policies"]),
        *(f"bucket {bucket['Name']}" for bucket in s3.list_buckets()["Buckets"]),
    ]
