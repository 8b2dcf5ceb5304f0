"""A small permission set, its account, and what others have put there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloud import Cloud
from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT, PROGRAM

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DUTIES = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
)
KEY_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Administration",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": ["kms:*"],
                "Resource": "*",
            },
            {
                "Sid": "Reporting",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/others"},
                "Action": ["kms:Decrypt"],
                "Resource": "*",
            },
        ],
    }
)


def foreign_policy(bucket: str) -> str:
    """In the form in which the component writes statements: only so can they be the same to the byte."""
    statement = {
        "Sid": "Backup",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["s3:GetObject"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class World:
    """The account around the stack; `foreign` is taken before it, and compared after."""

    cloud: Cloud
    key: str

    @classmethod
    def planted(cls, cloud: Cloud) -> World:
        iam, s3, kms = cloud.iam(), cloud.s3(), cloud.kms()
        for user in ("alice", "bob", "others"):
            iam.create_user(UserName=user)
        iam.create_group(GroupName="analysts")
        for user in ("alice", "others"):
            iam.attach_user_policy(UserName=user, PolicyArn=READ_ONLY)
            iam.put_user_policy(UserName=user, PolicyName="duties", PolicyDocument=DUTIES)
        iam.attach_group_policy(GroupName="analysts", PolicyArn=READ_ONLY)
        iam.add_user_to_group(UserName="others", GroupName="analysts")
        for bucket in ("shop-training", "shop-results", "others-data"):
            s3.create_bucket(Bucket=bucket)
        for bucket in ("shop-results", "others-data"):
            s3.put_bucket_policy(Bucket=bucket, Policy=foreign_policy(bucket))
        key = kms.create_key(Policy=KEY_POLICY)["KeyMetadata"]["Arn"]
        return cls(cloud, key)

    def project(self, sandbox: Sandbox, **changed: Any) -> Project:
        return sandbox.program(PROGRAM, {"args": self.arguments(**changed)})

    def arguments(self, **changed: Any) -> dict[str, Any]:
        return {
            "users": ["alice"],
            "groups": ["analysts"],
            "policy": "least-privilege",
            "buckets": [
                {"bucket": "shop-training", "uses": ["import"]},
                {"bucket": "shop-results", "uses": ["export"], "existing_policy": foreign_policy("shop-results")},
            ],
            "keys": [{"key_arn": self.key, "existing_policy": KEY_POLICY}],
            **changed,
        }

    def foreign(self) -> str:
        """All that is others', as one text: the same text is the same to the byte."""
        iam, s3, kms = self.cloud.iam(), self.cloud.s3(), self.cloud.kms()
        users = {user["UserName"]: user for user in iam.list_users()["Users"]}
        found: dict[str, Any] = {
            "users": users,
            "groups": {name: iam.get_group(GroupName=name) for name in self._groups()},
            "duties": {name: iam.list_user_policies(UserName=name)["PolicyNames"] for name in users},
            "attached": sorted(each for each in self._attachments() if ":aws:policy/" in each),
            "own policy": s3.get_bucket_policy(Bucket="others-data")["Policy"],
            "in the bucket": _of_others(s3.get_bucket_policy(Bucket="shop-results")["Policy"]),
            "in the key": _of_others(kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"]),
        }
        for kept in [*users.values(), *found["groups"].values()]:
            kept.pop("ResponseMetadata", None)
        return json.dumps(found, default=str, sort_keys=True)

    def made(self) -> set[str]:
        """All that the stack has made and that must go with it: policies of buckets and keys stay."""
        iam = self.cloud.iam()
        roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
        found = {
            *roles,
            *(policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]),
            *(each for each in self._attachments() if ":aws:policy/" not in each),
        }
        for role in roles:
            attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
            found |= {f"{role}/{policy['PolicyArn']}" for policy in attached}
            found |= {f"{role}:{name}" for name in iam.list_role_policies(RoleName=role)["PolicyNames"]}
        return found

    def _groups(self) -> list[str]:
        return [group["GroupName"] for group in self.cloud.iam().list_groups()["Groups"]]

    def _attachments(self) -> list[str]:
        iam = self.cloud.iam()
        return [
            *(
                f"{user['UserName']}/{policy['PolicyArn']}"
                for user in iam.list_users()["Users"]
                for policy in iam.list_attached_user_policies(UserName=user["UserName"])["AttachedPolicies"]
            ),
            *(
                f"{group}/{policy['PolicyArn']}"
                for group in self._groups()
                for policy in iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]
            ),
        ]


def settle(world: World, project: Project) -> None:
    """The next run completes the stack, nothing is left to change, and the account holds no more than the state."""
    project.up()
    project.preview("--refresh", "--expect-no-changes")
    assert world.made() - recorded(project) == set()


def recorded(project: Project) -> set[str]:
    """What the state has, in the words of `World.made`: an attachment's id says nothing on the real provider."""
    return {
        "/".join(inputs[name] for name in ("role", "user", "group", "policyArn") if name in inputs)
        if "policyArn" in (inputs := resource.get("inputs", {}))
        else resource.get("id", "")
        for resource in project.resources()
    }


def _of_others(policy: str) -> list[Mapping[str, Any]]:
    """The statements of a policy that do not bear the component's Sids, in their order."""
    statements = json.loads(policy)["Statement"]
    return [each for each in statements if not each.get("Sid", "").startswith("Personalize")]
