"""The account of a life: what is in it before the stack, what others do in it, and what stands there now."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from sandbox.cloud import Cloud
from sandbox.session import Sandbox
from tests.engine.programs import ACCOUNT, people_and_things
from tests.lifecycle.policy_lines import lines

Standing = dict[str, list[str]]
"""Each thing of the account, and what is so of it, in lines."""

PEOPLE: Final = {
    "users": ("alice", "bob", "carol"),
    "groups": ("group-alice", "group-bob", "group-carol"),
    "roles": ("role-alice", "role-bob", "role-carol"),
}
BOUNDARY: Final = "boundary"
"""Name of a policy that was there before."""
BUCKETS: Final = ("shop-training", "shop-results", "shop-reports")
KEYS: Final = ("key", "other-key")
"""How changes name the account's keys."""
CONSUMER: Final = "consumer"
"""How the name of the policy starts that the stack makes beside the component."""
ADMINISTRATION: Final = {
    "Sid": "Administration",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": ["kms:*"],
    "Resource": "*",
}
"""The statement of a key's policy that is there from the start."""


@dataclass(frozen=True)
class Account:
    """An account that is shared with others."""

    cloud: Cloud
    keys: dict[str, str]
    """ARN of each of its keys."""

    @classmethod
    def opened(cls, sandbox: Sandbox) -> Account:
        """Return one with people, buckets, and keys that the account administers; nothing else."""
        sandbox.cloud.reset()
        arns = people_and_things(sandbox), sandbox.cloud.kms().create_key()["KeyMetadata"]["Arn"]
        account = cls(sandbox.cloud, dict(zip(KEYS, arns, strict=True)))
        for arn in arns:
            account.restate(arn, {"Version": "2012-10-17", "Statement": [ADMINISTRATION]})
        return account

    @property
    def things(self) -> tuple[str, ...]:
        """What has a policy of its own: buckets by their names, keys by their ARNs."""
        return (*BUCKETS, *self.keys.values())

    # What others do.

    def attach(self, user: str, policy: str) -> None:
        """Somebody attaches a policy to a user."""
        self.cloud.iam().attach_user_policy(UserName=user, PolicyArn=policy)

    def detach(self, user: str, policy: str) -> None:
        """Somebody takes it off again."""
        self.cloud.iam().detach_user_policy(UserName=user, PolicyArn=policy)

    def policy(self, thing: str) -> dict[str, Any]:
        """The policy of a bucket or of a key; without statements where there is none."""
        if thing in self.keys.values():
            text = self.cloud.kms().get_key_policy(KeyId=thing, PolicyName="default")["Policy"]
        else:
            text = '{"Version":"2012-10-17","Statement":[]}'
            with contextlib.suppress(ClientError):
                text = self.cloud.s3().get_bucket_policy(Bucket=thing)["Policy"]
        policy: dict[str, Any] = json.loads(text)
        return policy

    def restate(self, thing: str, policy: dict[str, Any]) -> None:
        """Somebody writes the policy of a bucket or of a key."""
        text = compact(policy)
        if thing in self.keys.values():
            self.cloud.kms().put_key_policy(KeyId=thing, PolicyName="default", Policy=text)
        elif policy["Statement"]:
            self.cloud.s3().put_bucket_policy(Bucket=thing, Policy=text)
        else:
            self.cloud.s3().delete_bucket_policy(Bucket=thing)

    # What stands.

    def roles(self) -> set[str]:
        """Return the ARNs of all roles."""
        return {role["Arn"] for role in self.cloud.iam().list_roles()["Roles"]}

    def service_role(self) -> dict[str, Any] | None:
        """The one role that was not there before."""
        made = [role for role in self.cloud.iam().list_roles()["Roles"] if role["RoleName"] not in PEOPLE["roles"]]
        assert len(made) <= 1, f"roles that were not there before: {[role['RoleName'] for role in made]}"
        return dict(self.cloud.iam().get_role(RoleName=made[0]["RoleName"])["Role"]) if made else None

    def consumer(self) -> tuple[str, str]:
        """Return the id and the description of the policy that the stack makes of the role's ARN."""
        iam = self.cloud.iam()
        [arn] = [each["Arn"] for each in iam.list_policies(Scope="Local")["Policies"] if _is_consumer(each)]
        made = iam.get_policy(PolicyArn=arn)["Policy"]
        return made["PolicyId"], made["Description"]

    def standing(self) -> Standing:
        """All of it."""
        iam = self.cloud.iam()
        found: Standing = {}
        for kind, names in PEOPLE.items():
            for name in names:
                found[f"{kind[:-1]} {name}"] = self._attached(kind[:-1], name)
        role = self.service_role()
        if role:
            name = role["RoleName"]
            found["service role"] = [f"path {role['Path']}", f"session {role['MaxSessionDuration']}"]
            found["service role"] += [f"described {role['Description']}"] if "Description" in role else []
            found["service role"] += [f"bounded by {role.get('PermissionsBoundary', {}).get('PermissionsBoundaryArn')}"]
            found["service role"] += [f"tagged {_tags(role)}"]
            found["trust of the service role"] = lines(role["AssumeRolePolicyDocument"])
            found["policies of the service role"] = self._attached("role", name)
            inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
            found["inline policies of the service role"] = sorted(
                "; ".join(lines(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]))  # type: ignore[arg-type] # moto gives a mapping
                for each in inline
            )
        found["policies made"] = sorted(
            f"{self._described(policy['Arn'])} at {policy['Path']} tagged {_tags(iam.get_policy(PolicyArn=policy['Arn'])['Policy'])}"
            for policy in iam.list_policies(Scope="Local")["Policies"]
            if policy["PolicyName"] != BOUNDARY and not _is_consumer(policy)
        )
        for thing in self.things:
            found[f"policy of {thing}"] = lines(self.policy(thing))
        return found

    def _attached(self, kind: str, name: str) -> list[str]:
        ask = getattr(self.cloud.iam(), f"list_attached_{kind}_policies")
        answer = ask(**{f"{kind.capitalize()}Name": name})["AttachedPolicies"]
        return sorted(self._described(policy["PolicyArn"]) for policy in answer)

    def _described(self, arn: str) -> str:
        """A policy of AWS's own by its name, any other by what it says."""
        if ":iam::aws:" in arn:
            return arn
        iam = self.cloud.iam()
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return "; ".join(lines(document))


def _is_consumer(policy: Any) -> bool:
    return str(policy["PolicyName"]).startswith(CONSUMER)


def compact(value: Any) -> str:
    """JSON without white space, in the order in which it is written."""
    return json.dumps(value, separators=(",", ":"))


def _tags(thing: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in sorted(thing.get("Tags", ()), key=lambda tag: str(tag["Key"]))}
