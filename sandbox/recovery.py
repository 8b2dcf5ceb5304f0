"""Recovers a stack whose run was killed, by Pulumi's own means: cancel the lock, settle pending creates, refresh.

Files that Pulumi cannot read are removed first: the file backend writes a file's attributes beside it, not atomically.

A resource that was being created when the engine died is a pending create in the state. The account is asked for it by
its name, which the engine recorded before the call: what exists is adopted into the state, the rest is dropped. (The
engine's own `refresh --import-pending-creates` drops all of it: seen with 3.255.0.)
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


def repair_backend(backend: Path) -> None:
    """Remove what a kill in the middle of a write left in a file backend; nothing may be using it."""
    for unfinished in backend.rglob("*.tmp"):
        unfinished.unlink()
    for attributes in backend.rglob("*.attrs"):
        if not _is_json(attributes):
            attributes.unlink()  # they are optional


def recover(project: Project) -> bool:
    """Release the lock and make the state agree with the account; False where no run was killed."""
    backend = project.sandbox.backend
    locked = any((backend / ".pulumi/locks").rglob("*.json"))
    if locked:
        repair_backend(backend)
        project.cancel()
    state = project.export()
    operations = state["deployment"].pop("pending_operations", None) or []
    if not locked and not operations:
        return False
    with step("The last run was killed: recovering the stack"):
        pending = [operation["resource"] for operation in operations if operation["type"] == "creating"]
        if operations:
            resources = state["deployment"].setdefault("resources", [])
            for resource in _created(pending, _pending_inputs(project), project.sandbox.cloud):
                _adopt(resource, resources)
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
    """Return the inputs of pending resources by URN, secrets decrypted: a name may be one."""
    operations = project.export(show_secrets=True)["deployment"].get("pending_operations") or []
    resources = [operation["resource"] for operation in operations]
    return {
        resource["urn"]: {name: _decrypted(value) for name, value in (resource.get("inputs") or {}).items()}
        for resource in resources
    }


def _decrypted(value: Any) -> Any:  # noqa: ANN401 - any value
    return json.loads(value["plaintext"]) if isinstance(value, dict) and "plaintext" in value else value


def _created(
    pending: list[dict[str, Any]], inputs: Mapping[str, dict[str, Any]], cloud: Cloud
) -> Iterator[dict[str, Any]]:
    """Give the resources that the account has, with their ids. Creating one of another type again does no harm."""
    for resource in pending:
        find = _FINDERS.get(resource["type"])
        if find and (physical := find(cloud, inputs[resource["urn"]])):
            yield {**resource, "id": physical, "outputs": {}}


def _adopt(resource: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    """Add a resource to the state, which may hold another one of the same URN that it was to replace."""
    for index, other in enumerate(resources):
        if other["urn"] != resource["urn"]:
            continue
        if other.get("pendingReplacement"):  # deleted already; keep its place before what depends on it
            order = {name: other[name] for name in other if name in _ORDER}
            resources[index] = {**resource, **order}
            return
        other["delete"] = True  # by the next run, as this one would have
    resources.append(resource)


def _role(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    """Return the role's name, or None where there is none, or one of another trust policy: somebody else's."""
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
    """Return the policy's ARN, or None where there is none, or one of another document: somebody else's."""
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
    existing = {bucket["Name"] for bucket in cloud.s3().list_buckets()["Buckets"]}
    return inputs["bucket"] if inputs["bucket"] in existing else None


def _bucket_policy(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    try:
        policy = cloud.s3().get_bucket_policy(Bucket=inputs["bucket"])["Policy"]
    except ClientError:
        return None
    return inputs["bucket"] if json.loads(policy) == json.loads(inputs["policy"]) else None


def _attachment(kind: Literal["role", "user", "group"], cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    """Return the attachment's id; as for the engine, it belongs to the stack that asks for it, whoever made it."""
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
