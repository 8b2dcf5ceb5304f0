"""Programs and documents that the tests on the real engine share."""

from __future__ import annotations

import json
from typing import Any

from sandbox.session import Sandbox

ACCOUNT = "123456789012"

PROGRAM = """
import json
import pulumi
from personalize_permissions import PersonalizePermissions

permissions = PersonalizePermissions("recs", json.loads(pulumi.Config().require("args")))
pulumi.export("role", permissions.service_role_arn)
pulumi.export("trust", permissions.trust_policy)
pulumi.export("policy", permissions.policy_arn)
pulumi.export("buckets", permissions.bucket_policies)
pulumi.export("keys", permissions.key_policies)
"""

KEY_ADMINISTRATION = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Administration",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


def foreign_policy(bucket: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Backup",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{bucket}/*",
                }
            ],
        }
    )


def people_and_things(sandbox: Sandbox) -> str:
    """An account with users, groups, roles, buckets and a key; the key's ARN."""
    iam, s3, kms = sandbox.cloud.iam(), sandbox.cloud.s3(), sandbox.cloud.kms()
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
        }
    )
    for name in ("alice", "bob", "carol"):
        iam.create_user(UserName=name)
        iam.create_group(GroupName=f"group-{name}")
        iam.create_role(RoleName=f"role-{name}", AssumeRolePolicyDocument=trust)
    for bucket in ("training", "results", "reports"):
        s3.create_bucket(Bucket=f"shop-{bucket}")
    return kms.create_key()["KeyMetadata"]["Arn"]


def key_policy(sandbox: Sandbox, key: str) -> dict[str, Any]:
    """Return the policy that a key has."""
    policy: dict[str, Any] = json.loads(sandbox.cloud.kms().get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    return policy


def everything(key: str) -> dict[str, Any]:
    """Arguments that use all of the component."""
    return {
        "users": ["alice", "bob"],
        "groups": ["group-alice", "group-bob"],
        "roles": ["role-alice", "role-bob"],
        "cloudwatch": "full-access",
        "service_role": {"path": "/service-role/", "max_session_duration": 7200},
        "source_accounts": [ACCOUNT, "210987654321"],
        "buckets": [
            {"bucket": "shop-training", "uses": ["import", "deletion"], "prefix": "in/"},
            {"bucket": "shop-results", "uses": ["batch", "metrics"]},
        ],
        "keys": [{"key_arn": key, "existing_policy": KEY_ADMINISTRATION, "dataset_export": True}],
        "tags": {"team": "shop"},
    }
