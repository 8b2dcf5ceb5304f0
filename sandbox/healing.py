"""Heals a stack after its run was killed, by Pulumi's own means: cancel the lock, settle what was being made, refresh.

A resource that was being made when the engine died stands in the state as a pending create. Whether the account has it
is asked by its name, which the engine recorded before the call: what is there is taken over, the rest is forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sandbox.progress import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.cloud import Cloud
    from sandbox.session import Project


def heal(project: Project) -> bool:
    """Bring lock, state and account together again; False where no run was killed."""
    locked = any((project.sandbox.root / "state" / ".pulumi" / "locks").rglob("*.json"))
    if not locked and not _pending(project):
        return False
    with step("The last run was killed: healing"):
        if locked:
            project.cancel()
        taken = [
            part
            for urn, physical in _made(_pending(project), project.sandbox.cloud)
            for part in ("--import-pending-creates", urn, "--import-pending-creates", physical)
        ]
        project.refresh(*taken, "--clear-pending-creates")
    return True


def _pending(project: Project) -> list[dict[str, Any]]:
    """The resources that a dead run was making."""
    operations = project.export()["deployment"].get("pending_operations") or []
    return [operation["resource"] for operation in operations if operation["type"] == "creating"]


def _made(resources: list[dict[str, Any]], cloud: Cloud) -> Iterator[tuple[str, str]]:
    """URN and physical id of those that the account has. Other types are made by calls that may simply be repeated."""
    for resource in resources:
        find = _FINDERS.get(resource["type"])
        if find and (physical := find(cloud, resource.get("inputs") or {})):
            yield resource["urn"], physical


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
