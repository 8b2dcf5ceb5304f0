"""What IAM refuses and moto would accept.

Sources: IAM User Guide, "IAM and AWS STS quotas"; IAM API Reference, the errors of each call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sandbox.account import constraints, grammar, principals
from sandbox.account.call import Call, RefusedError

_CONFLICT: Final = "DeleteConflict"
_ATTACHED_AT_MOST: Final = 10
_GROUPS_AT_MOST: Final = 10
_TRUST_CHARACTERS: Final = 2048
_MANAGED_CHARACTERS: Final = 6144
_INLINE_CHARACTERS: Final[Mapping[str, int]] = {"user": 2048, "group": 5120, "role": 10240}
_LAST_CHARACTER: Final = "\u00ff"
_NAMES: Final[Mapping[str, str]] = {"RoleName": "role", "UserName": "user", "GroupName": "group"}
_OF_AWS: Final = ("/aws-reserved/", "/aws-service-role/")
"""Paths of the roles that AWS manages, such as those of Identity Center."""


def refuse(call: Call) -> None:
    """Refuse the call by AWS's code where IAM would."""
    constraints.require("iam", call)
    keys = [tag["Key"].lower() for tag in call.parameters.get("Tags") or ()]
    if len(set(keys)) < len(keys):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise RefusedError("InvalidInput", message)
    if call.operation not in {"CreateRole", "CreateUser", "CreateGroup"}:
        _require_entities(call)
    for rule in _RULES.get(call.operation, ()):
        rule(call)


def _require_entities(call: Call) -> None:
    """Refuse names of roles, users and groups that nobody has, and changes to roles that are AWS's own."""
    for parameter, kind in _NAMES.items():
        name = call.parameters.get(parameter)
        if name is None:
            continue
        entity = _find(call, kind, name)
        if entity is None:
            raise RefusedError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
        if kind == "role" and call.writes and entity.path.startswith(_OF_AWS):
            protected = f"Cannot perform the operation on the protected role '{name}'"
            raise RefusedError("UnmodifiableEntity", f"{protected} - this role is only modifiable by AWS")


def _require_new_name(kind: str, parameter: str) -> Callable[[Call], None]:
    """Refuse a name that another entity of the kind has in whatever case; a policy's, under whatever path."""

    def rule(call: Call) -> None:
        name = call.parameters.get(parameter)
        renamed = call.parameters.get(f"{kind.capitalize()}Name", "") if parameter.startswith("New") else ""
        if name is None or name.lower() == renamed.lower():
            return
        if any(entity.name.lower() == name.lower() for entity in _all(call, kind)):
            exists = f"{kind.capitalize()} with name {name} already exists."
            policy = f"A policy called {name} already exists. Duplicate names are not allowed."
            raise RefusedError("EntityAlreadyExists", policy if kind == "policy" else exists)

    return rule


def _require_trust(call: Call) -> None:
    text = call.parameters.get("AssumeRolePolicyDocument") or call.parameters["PolicyDocument"]
    document = _parse(grammar.TRUST, text)
    _require_size(text, _TRUST_CHARACTERS, f"Cannot exceed quota for ACLSizePerRole: {_TRUST_CHARACTERS}")
    principals.require(call, document, grammar.TRUST.code)


def _require_managed(call: Call) -> None:
    text = call.parameters["PolicyDocument"]
    _parse(grammar.IDENTITY, text)
    _require_size(text, _MANAGED_CHARACTERS, f"Cannot exceed quota for PolicySize: {_MANAGED_CHARACTERS}")


def _require_inline(call: Call) -> None:
    """Refuse a malformed inline policy, and one that makes its principal's inline policies too long together."""
    kind, name, entity = _principal(call)
    text = call.parameters["PolicyDocument"]
    _parse(grammar.IDENTITY, text)
    others = "".join(policy for key, policy in entity.policies.items() if key != call.parameters["PolicyName"])
    limit = _INLINE_CHARACTERS[kind]
    _require_size(others + text, limit, f"Maximum policy size of {limit} bytes exceeded for {kind} {name}")


def _require_attachable(call: Call) -> None:
    kind, _, entity = _principal(call)
    arn = call.parameters["PolicyArn"]
    if arn not in call.iam.managed_policies:
        raise RefusedError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
    if arn not in entity.managed_policies and len(entity.managed_policies) >= _ATTACHED_AT_MOST:
        quota = f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {_ATTACHED_AT_MOST}"
        raise RefusedError("LimitExceeded", quota)


def _require_boundary(call: Call) -> None:
    arn = call.parameters.get("PermissionsBoundary")
    if arn and arn not in call.iam.managed_policies:
        raise RefusedError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.")


def _require_few_groups(call: Call) -> None:
    groups = call.iam.get_groups_for_user(call.parameters["UserName"])
    if len(groups) >= _GROUPS_AT_MOST and call.parameters["GroupName"] not in {group.name for group in groups}:
        raise RefusedError("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {_GROUPS_AT_MOST}")


def _require_unused_policy(call: Call) -> None:
    """Refuse to delete a managed policy that is attached, or has versions besides its default one."""
    arn, iam = call.parameters["PolicyArn"], call.iam
    holders: list[Any] = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    bounded = any(role.permissions_boundary_arn == arn for role in iam.roles.values())
    if bounded or any(arn in holder.managed_policies for holder in holders):
        raise RefusedError(_CONFLICT, "Cannot delete a policy attached to entities.")
    if arn in iam.managed_policies and len(iam.managed_policies[arn].versions) > 1:
        raise RefusedError(
            _CONFLICT,
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
        )


def _require_empty(call: Call) -> None:
    """Refuse to delete a user or group that still has policies, members, memberships or access keys."""
    kind, name, entity = _principal(call)
    holds = {
        "detach all policies": entity.managed_policies,
        "delete policies": entity.policies,
        "remove users from group": entity.users if kind == "group" else (),
        "remove user from group": call.iam.get_groups_for_user(name) if kind == "user" else (),
        "delete access keys": entity.access_keys if kind == "user" else (),
    }
    for remedy, held in holds.items():
        if held:
            raise RefusedError(_CONFLICT, f"Cannot delete entity, must {remedy} first.")


def _parse(dialect: grammar.Dialect, text: str) -> dict[str, Any]:
    """Return the parsed document; refuse characters beyond Latin-1, written as they are or as escapes."""
    document = grammar.require(dialect, text)
    if max(json.dumps(document, ensure_ascii=False)) > _LAST_CHARACTER:
        raise RefusedError("ValidationError", "The specified value for policyDocument is invalid.")
    return document


def _require_size(text: str, limit: int, message: str) -> None:
    """Refuse more characters than the quota, whitespace left out."""
    if len(re.sub(r"\s", "", text)) > limit:
        raise RefusedError("LimitExceeded", message)


def _principal(call: Call) -> tuple[str, str, Any]:
    """Return the kind, the name and moto's object of the role, user or group that the call is about."""
    parameter, kind = next((name, kind) for name, kind in _NAMES.items() if name in call.parameters)
    name = call.parameters[parameter]
    return kind, name, _find(call, kind, name)


def _find(call: Call, kind: str, name: str) -> Any:  # noqa: ANN401 - moto has no types
    return next((entity for entity in _all(call, kind) if entity.name == name), None)


def _all(call: Call, kind: str) -> Iterable[Any]:
    iam = call.iam
    if kind == "policy":
        return [policy for arn, policy in iam.managed_policies.items() if ":iam::aws:" not in arn]
    kinds: dict[str, dict[str, Any]] = {"role": iam.roles, "user": iam.users, "group": iam.groups}
    return kinds[kind].values()


_RULES: Final[Mapping[str, tuple[Callable[[Call], None], ...]]] = {
    "AddUserToGroup": (_require_few_groups,),
    "AttachGroupPolicy": (_require_attachable,),
    "AttachRolePolicy": (_require_attachable,),
    "AttachUserPolicy": (_require_attachable,),
    "CreateGroup": (_require_new_name("group", "GroupName"),),
    "CreatePolicy": (_require_managed, _require_new_name("policy", "PolicyName")),
    "CreatePolicyVersion": (_require_managed,),
    "CreateRole": (_require_trust, _require_boundary, _require_new_name("role", "RoleName")),
    "CreateUser": (_require_boundary, _require_new_name("user", "UserName")),
    "DeleteGroup": (_require_empty,),
    "DeletePolicy": (_require_unused_policy,),
    "DeleteUser": (_require_empty,),
    "PutGroupPolicy": (_require_inline,),
    "PutRolePermissionsBoundary": (_require_boundary,),
    "PutRolePolicy": (_require_inline,),
    "PutUserPolicy": (_require_inline,),
    "UpdateAssumeRolePolicy": (_require_trust,),
    "UpdateGroup": (_require_new_name("group", "NewGroupName"),),
    "UpdateUser": (_require_new_name("user", "NewUserName"),),
}
