"""Heals a stack after its run was killed, by Pulumi's own means: cancel the lock, settle what was being made, refresh.

What Pulumi cannot read itself comes first: the file backend writes a file's attributes beside it, not atomically.

A resource that was being made when the engine died stands in the state as a pending create. Whether the account has it
is asked by its name, which the engine recorded before the call: what is there is taken over into the state, the rest is
forgotten. (The engine's own `refresh --import-pending-creates` forgets it all: seen with 3.255.0.)
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from botocore.exceptions import ClientError

from sandbox.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sandbox.cloud import Cloud
    from sandbox.session import Project


def mend(backend: Path) -> None:
    """Make a file backend readable again, after a kill in the middle of a write; nothing may be using it."""
    for unfinished in backend.rglob("*.tmp"):
        unfinished.unlink()
    for attributes in backend.rglob("*.attrs"):
        if not _is_json(attributes):
            attributes.unlink()  # a file may do without


def heal(project: Project) -> bool:
    """Bring lock, state and account together again; False where no run was killed."""
    backend = project.sandbox.backend
    locked = any((backend / ".pulumi/locks").rglob("*.json"))
    if locked:
        mend(backend)
        project.cancel()
    state = project.export()
    operations = state["deployment"].pop("pending_operations", None) or []
    if not locked and not operations:
        return False
    with step("The last run was killed: healing"):
        pending = [operation["resource"] for operation in operations if operation["type"] == "creating"]
        if operations:
            standing = state["deployment"].setdefault("resources", [])
            for resource in _taken_over(pending, _pending_inputs(project), project.sandbox.cloud):
                _put(resource, standing)
            project.replace_state(state)
        project.refresh()
    return True


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True


def _pending_inputs(project: Project) -> dict[str, dict[str, Any]]:
    """The inputs of pending resources by URN: secret ones too, for what has a secret name is found by it as well."""
    operations = project.export(show_secrets=True)["deployment"].get("pending_operations") or []
    resources = [operation["resource"] for operation in operations]
    return {
        resource["urn"]: {name: _plain(value) for name, value in (resource.get("inputs") or {}).items()}
        for resource in resources
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value
    return json.loads(value["plaintext"]) if isinstance(value, dict) and "plaintext" in value else value


def _taken_over(
    pending: list[dict[str, Any]], inputs: Mapping[str, dict[str, Any]], cloud: Cloud
) -> Iterator[dict[str, Any]]:
    """Those that the account has, with their ids. Other types are made by calls that may simply be repeated."""
    for resource in pending:
        find = _FINDERS.get(resource["type"])
        if find and (physical := find(cloud, inputs[resource["urn"]])):
            yield {**resource, "id": physical, "outputs": {}}


def _put(resource: dict[str, Any], standing: list[dict[str, Any]]) -> None:
    """Into the state, where another one of its URN may stand that it was to replace."""
    for index, other in enumerate(standing):
        if other["urn"] != resource["urn"]:
            continue
        if other.get("pendingReplacement"):  # deleted already; what depends on it must go on finding it before itself
            order = {name: other[name] for name in other if name in _ORDER}
            standing[index] = {**resource, **order}
            return
        other["delete"] = True  # the next run does, as this one would have
    standing.append(resource)


def _role(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    """The role of that name, unless it trusts others: then it is somebody else's."""
    try:
        role = cloud.iam().get_role(RoleName=inputs["name"])["Role"]
    except ClientError:
        return None
    return role["RoleName"] if role["AssumeRolePolicyDocument"] == json.loads(inputs["assumeRolePolicy"]) else None


def _user(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    try:
        return cloud.iam().get_user(UserName=inputs["name"])["User"]["UserName"]
    except ClientError:
        return None


def _group(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    try:
        return cloud.iam().get_group(GroupName=inputs["name"])["Group"]["GroupName"]
    except ClientError:
        return None


def _policy(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    """The policy of that name, unless it says something else: then it is somebody else's."""
    iam = cloud.iam()
    pages = iam.get_paginator("list_policies").paginate(Scope="Local")
    policies = (policy for page in pages for policy in page["Policies"])
    for policy in policies:
        if policy["PolicyName"] == inputs["name"]:
            version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
            same = version["PolicyVersion"]["Document"] == json.loads(inputs["policy"])
            return policy["Arn"] if same else None
    return None


def _bucket(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    standing = {bucket["Name"] for bucket in cloud.s3().list_buckets()["Buckets"]}
    return inputs["bucket"] if inputs["bucket"] in standing else None


def _bucket_policy(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    try:
        policy = cloud.s3().get_bucket_policy(Bucket=inputs["bucket"])["Policy"]
    except ClientError:
        return None
    return inputs["bucket"] if json.loads(policy) == json.loads(inputs["policy"]) else None


def _attachment(kind: Literal["role", "user", "group"], cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    """As for the engine, an attachment that the stack asks for is the stack's, whoever made it."""
    pages = cloud.iam().get_paginator(f"list_attached_{kind}_policies").paginate  # type: ignore[call-overload]
    try:
        found = [each for page in pages(**{_NAMED[kind]: inputs[kind]}) for each in page["AttachedPolicies"]]
    except ClientError:
        return None
    attached = any(each["PolicyArn"] == inputs["policyArn"] for each in found)
    return f"{inputs[kind]}/{inputs['policyArn']}" if attached else None


def _inline_policy(kind: Literal["role", "user", "group"], cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    get = getattr(cloud.iam(), f"get_{kind}_policy")
    try:
        get(PolicyName=inputs["name"], **{_NAMED[kind]: inputs[kind]})
    except ClientError:
        return None
    return f"{inputs[kind]}:{inputs['name']}"


_ORDER: Final = frozenset({"dependencies", "propertyDependencies"})
_NAMED: Final = {"role": "RoleName", "user": "UserName", "group": "GroupName"}
_FINDERS: Final[Mapping[str, Callable[[Cloud, Mapping[str, str]], str | None]]] = {
    "aws:iam/role:Role": _role,
    "aws:iam/user:User": _user,
    "aws:iam/group:Group": _group,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": partial(_attachment, "role"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": partial(_attachment, "user"),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": partial(_attachment, "group"),
    "aws:iam/rolePolicy:RolePolicy": partial(_inline_policy, "role"),
    "aws:iam/userPolicy:UserPolicy": partial(_inline_policy, "user"),
    "aws:iam/groupPolicy:GroupPolicy": partial(_inline_policy, "group"),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_policy,
}
