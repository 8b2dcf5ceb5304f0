"""States of earlier versions: how one is recorded, and how an account with all of it is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.cloud import Cloud
from sandbox.session import Project, Sandbox
from tests.compatibility.sets import everything
from tests.engine.programs import KEY_ADMINISTRATION, foreign_policy, people_and_things

STATES: Final = Path(__file__).with_name("states")
"""One file a version: a `pulumi stack export` of the reference set with everything in it."""
PROGRAM: Final = """
import json
import pulumi
from personalize_permissions import PersonalizePermissions

made = PersonalizePermissions("recs", json.loads(pulumi.Config().require("args")))
pulumi.export("role", made.service_role_arn)
"""
State = dict[str, Any]

_OF_THE_MACHINE: Final = frozenset({"created", "modified", "secrets_providers", "sourcePosition", "stackTrace", "time"})
"""What a state tells of where and when it was made."""


def account(sandbox: Sandbox) -> str:
    """The account around the stack; the ARN of its key."""
    sandbox.cloud.reset()
    key = people_and_things(sandbox)
    boundary = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    sandbox.cloud.iam().create_policy(PolicyName="boundary", PolicyDocument=json.dumps(boundary))
    sandbox.cloud.s3().put_bucket_policy(Bucket="shop-results", Policy=foreign_policy("shop-results"))
    sandbox.cloud.kms().put_key_policy(KeyId=key, PolicyName="default", Policy=KEY_ADMINISTRATION)
    return key


def stack(sandbox: Sandbox, key: str) -> Project:
    """The stack, not yet brought up."""
    return sandbox.program(PROGRAM, {"args": everything(key)})


def record(version: str, sandbox: Sandbox) -> None:
    """Bring the stack up with today's code, and keep its state as that version's."""
    project = stack(sandbox, account(sandbox))
    project.up()
    STATES.mkdir(exist_ok=True)
    (STATES / f"{version}.json").write_text(json.dumps(_portable(project.export()), indent=1) + "\n")


def recorded(version: str, key: str) -> State:
    """A version's state, as if its key had been this one: keys get their ids from AWS."""
    text = (STATES / f"{version}.json").read_text()
    [then] = {each["outputs"]["keyId"] for each in _of(json.loads(text), "aws:kms/keyPolicy:KeyPolicy")}
    state: State = json.loads(text.replace(_key_id(then), _key_id(key)))
    return state


def stand(state: State, cloud: Cloud) -> None:
    """Make in the account all that the state says is there."""
    make: Mapping[str, Callable[[Cloud, Any], object]] = {
        "aws:iam/role:Role": _role,
        "aws:iam/policy:Policy": lambda cloud, of: cloud.iam().create_policy(
            PolicyName=of["name"],
            Path=of["path"],
            PolicyDocument=of["policy"],
            Description=of["description"],
            Tags=_tags(of),
        ),
        "aws:iam/rolePolicy:RolePolicy": lambda cloud, of: cloud.iam().put_role_policy(
            RoleName=of["role"], PolicyName=of["name"], PolicyDocument=of["policy"]
        ),
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": lambda cloud, of: cloud.iam().attach_role_policy(
            RoleName=of["role"], PolicyArn=of["policyArn"]
        ),
        "aws:iam/userPolicyAttachment:UserPolicyAttachment": lambda cloud, of: cloud.iam().attach_user_policy(
            UserName=of["user"], PolicyArn=of["policyArn"]
        ),
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": lambda cloud, of: cloud.iam().attach_group_policy(
            GroupName=of["group"], PolicyArn=of["policyArn"]
        ),
        "aws:s3/bucketPolicy:BucketPolicy": lambda cloud, of: cloud.s3().put_bucket_policy(
            Bucket=of["bucket"], Policy=of["policy"]
        ),
        "aws:kms/keyPolicy:KeyPolicy": lambda cloud, of: cloud.kms().put_key_policy(
            KeyId=of["keyId"], PolicyName="default", Policy=of["policy"]
        ),
    }
    resources = [each for each in state["deployment"]["resources"] if each["type"].startswith("aws:")]
    for kind in (*make, *({each["type"] for each in resources} - make.keys())):
        for each in _of(state, kind):
            make[kind](cloud, each["outputs"])


def _role(cloud: Cloud, role: Any) -> None:
    cloud.iam().create_role(
        RoleName=role["name"],
        Path=role["path"],
        AssumeRolePolicyDocument=role["assumeRolePolicy"],
        Description=role["description"],
        MaxSessionDuration=role["maxSessionDuration"],
        PermissionsBoundary=role["permissionsBoundary"],
        Tags=_tags(role),
    )


def _tags(of: Any) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in of["tags"].items()]


def _of(state: State, kind: str) -> Iterator[Any]:
    """What the stack made of a type; not what it only reads."""
    return (each for each in state["deployment"]["resources"] if each["type"] == kind and not each.get("external"))


def _key_id(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def _portable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _portable(item) for name, item in value.items() if name not in _OF_THE_MACHINE}
    return [_portable(item) for item in value] if isinstance(value, list) else value
