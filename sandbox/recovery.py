"""Recovers a stack whose run was killed, by Pulumi's own means: cancel the lock, settle pending creates, refresh.

Files that Pulumi cannot read are removed first: the file backend writes a file's attributes beside it, not atomically.

A resource that was being created when the engine died is a pending create in the state. Its id follows from the inputs
that the engine recorded before the call: it is taken into the state, and the refresh drops what the account does not
have. (The engine's own `refresh --import-pending-creates` drops all of it: seen with 3.255.0.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.cloud import ACCOUNT
from sandbox.progress import step

if TYPE_CHECKING:
    from sandbox.session import Project


def repair_backend(backend: Path) -> None:
    """Remove what a kill in the middle of a write left in a file backend; nothing may be using it."""
    for unfinished in backend.rglob("*.tmp"):
        unfinished.unlink()
    for attributes in backend.rglob("*.attrs"):
        try:
            json.loads(attributes.read_bytes())
        except ValueError:
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
        inputs = _pending_inputs(project) if operations else {}
        pending = [operation["resource"] for operation in operations if operation["type"] == "creating"]
        if operations:
            resources = state["deployment"].setdefault("resources", [])
            for resource in pending:
                if form := _IDS.get(resource["type"]):
                    identity = form.format_map({"account": ACCOUNT, "path": "/", **inputs[resource["urn"]]})
                    _adopt({**resource, "id": identity, "outputs": {}}, resources)
            project.replace_state(state)
        project.refresh()
        if inputs:
            _forget(project, inputs)
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


def _adopt(resource: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    """Add a resource to the state, which may hold another one of the same URN that it was to replace."""
    for index, other in enumerate(resources):
        if other["urn"] != resource["urn"]:
            continue
        if not other.get("pendingReplacement"):
            other["delete"] = True  # by the next run, as this one would have
            continue
        order = {name: other[name] for name in other if name in _ORDER}
        if set(order.get("dependencies") or ()) & {each["urn"] for each in resources[index + 1 :]}:
            del resources[index]  # deleted already, and so is what it depended on
            break
        resources[index] = {**resource, **order}  # deleted already; keep its place before what depends on it
        return
    resources.append(resource)


def _forget(project: Project, inputs: Mapping[str, dict[str, Any]]) -> None:
    """Leave to others what has the name of a pending create, and another document."""
    state = project.export(show_secrets=True)
    resources = state["deployment"].get("resources") or []
    others = [
        resource
        for resource in resources
        if (field := _DOCUMENTS.get(resource["type"]))
        and resource["urn"] in inputs
        and not resource.get("delete")
        and json.loads(_decrypted(resource["outputs"][field])) != json.loads(inputs[resource["urn"]][field])
    ]
    if others:
        state["deployment"]["resources"] = [resource for resource in resources if resource not in others]
        project.replace_state(state)


_ORDER: Final = frozenset({"dependencies", "propertyDependencies"})
_KINDS: Final = ("role", "user", "group")
_IDS: Final[Mapping[str, str]] = {
    **{f"aws:iam/{kind}:{kind.title()}": "{name}" for kind in _KINDS},
    **{f"aws:iam/{kind}Policy:{kind.title()}Policy": f"{{{kind}}}:{{name}}" for kind in _KINDS},
    **{
        f"aws:iam/{kind}PolicyAttachment:{kind.title()}PolicyAttachment": f"{{{kind}}}/{{policyArn}}" for kind in _KINDS
    },
    "aws:iam/policy:Policy": "arn:aws:iam::{account}:policy{path}{name}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "{bucket}",
}
"""What the provider's ids are made of, by type. Creating a resource of another type again does no harm."""
_DOCUMENTS: Final[Mapping[str, str]] = {
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:iam/policy:Policy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
}
"""What tells a thing of this stack's from another of that name."""
