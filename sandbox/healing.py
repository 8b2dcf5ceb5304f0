"""Heals a stack after its run was killed, by Pulumi's own means: cancel the lock, settle what was being made, refresh.

What Pulumi cannot read itself comes first: the file backend writes a file's attributes beside it, not atomically.

A resource that was being made when the engine died stands in the state as a pending create. Whether the account has it
is asked by its name, which the engine recorded before the call: what is there is taken over into the state, the rest is
forgotten. (The engine's own `refresh --import-pending-creates` forgets it all: seen with 3.255.0.)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

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
        taken = list(_taken_over(pending, project.sandbox.cloud))
        if operations:
            state["deployment"].setdefault("resources", []).extend(taken)
            project.replace_state(state)
        project.refresh()
    return True


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True


def _taken_over(pending: list[dict[str, Any]], cloud: Cloud) -> Iterator[dict[str, Any]]:
    """Those that the account has, with their ids. Other types are made by calls that may simply be repeated."""
    for resource in pending:
        find = _FINDERS.get(resource["type"])
        if find and (physical := find(cloud, resource.get("inputs") or {})):
            yield {**resource, "id": physical, "outputs": {}}


def _role(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    try:
        return cloud.iam().get_role(RoleName=inputs["name"])["Role"]["RoleName"]
    except ClientError:
        return None


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
    pages = cloud.iam().get_paginator("list_policies").paginate(Scope="Local")
    policies = (policy for page in pages for policy in page["Policies"])
    return next((policy["Arn"] for policy in policies if policy["PolicyName"] == inputs["name"]), None)


def _bucket(cloud: Cloud, inputs: Mapping[str, str]) -> str | None:
    standing = {bucket["Name"] for bucket in cloud.s3().list_buckets()["Buckets"]}
    return inputs["bucket"] if inputs["bucket"] in standing else None


_FINDERS: Final[Mapping[str, Callable[[Cloud, Mapping[str, str]], str | None]]] = {
    "aws:iam/role:Role": _role,
    "aws:iam/user:User": _user,
    "aws:iam/group:Group": _group,
    "aws:iam/policy:Policy": _policy,
    "aws:s3/bucket:Bucket": _bucket,
}
