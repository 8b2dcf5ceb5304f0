"""Reads what the IAM commands of the AWS CLI print about roles.

Source: IAM API Reference, GetAccountAuthorizationDetails, ListRoles, GetRole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from personalize_guardrails.audit.subjects import Reader, Subject, is_trust_policy, role_subject, selected_subjects

_ARRAYS: Final = frozenset({"RoleDetailList", "Roles", "UserDetailList", "GroupDetailList", "Policies"})


def _role(value: object) -> Iterable[Subject]:
    if isinstance(value, Mapping):
        yield role_subject(value)
    else:
        yield Subject("", value if isinstance(value, str) else "", fault="it is not a whole role; leave out `--query`")


def _is_role(members: Mapping[str, Any]) -> bool:
    """Return whether an object is a role, has roles in it, or has trust policies under keys that `--query` chose."""
    is_one = "AssumeRolePolicyDocument" in members or isinstance(members.get("Role"), Mapping)
    return is_one or bool(_ARRAYS & members.keys()) or any(map(is_trust_policy, members.values()))


def _whole(members: Mapping[str, Any], _text: str) -> Iterable[Subject]:
    """Yield the role, or the trust policies under keys that `--query` chose."""
    if "AssumeRolePolicyDocument" in members:
        yield role_subject(members)
    elif isinstance(role := members.get("Role"), Mapping):
        yield replace(role_subject(role), paths={"assumeRolePolicy": "Role.AssumeRolePolicyDocument"})
    else:
        yield from selected_subjects(members)


READER: Final = Reader(
    file="`aws iam get-account-authorization-details --filter Role`, `aws iam list-roles`, `aws iam get-role`, with or "
    "without `--query`; pages may follow each other or be combined into one array",
    checked="every role but service-linked ones",
    not_checked="users, groups and policies; an export that is cut off is a fault",
    arrays={**dict.fromkeys(_ARRAYS, lambda _other: ()), "RoleDetailList": _role, "Roles": _role},
    recognizes=_is_role,
    whole=_whole,
)
