"""What a role lacks on a KMS key, by its own policies and the key's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalize_guardrails.extraction import Policy, permissions
from personalize_guardrails.extraction.resource_types import KEY, KEY_POLICY, types_of
from personalize_guardrails.policies.documents import allows_action, allows_of, may_reach
from personalize_guardrails.policies.props import materialize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_policy import PolicyResource

    from personalize_guardrails.iam import Statement

_TYPES: Final = types_of(KEY, KEY_POLICY)


def key_statements(resources: Iterable[PolicyResource]) -> list[Statement]:
    """Return what key policies of the stack allow, of whichever key: which one it is may not be known."""
    return [
        statement
        for resource in resources
        if resource.resource_type in _TYPES
        for policy in permissions(resource.resource_type, materialize(resource.props), scope=resource.name)
        if isinstance(policy, Policy) and policy.kind in {KEY, KEY_POLICY}
        for _, statement in allows_of(policy.document)
    ]


def lacking_on_key(
    actions: Iterable[str], own: Iterable[Statement], on_keys: Iterable[Statement], key: str, role_arn: str
) -> list[str]:
    """Return the actions that neither the role's own statements allow on the key, nor a key policy that names the role.

    A statement of a key policy that names an account leaves it to IAM.
    """
    granting = [each for each in own if may_reach(each, key)]
    granting += [each for each in on_keys if any(principal.value == role_arn for principal in each.principals)]
    return [action for action in actions if not any(allows_action(each, action) for each in granting)]
