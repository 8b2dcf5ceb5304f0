"""The policies of the pack: rules in plain Python, which `sdk.pack_policy` adapts. None loads pulumi_aws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalize_guardrails.policies.bucket_encryption import bucket_encryption_key_access
from personalize_guardrails.policies.companion_checks import (
    bucket_access_both_sides,
    pass_role_to_service,
    service_role_least_privilege,
)
from personalize_guardrails.policies.dataset_roles import dataset_role_access
from personalize_guardrails.policies.policy_writers import one_policy_writer
from personalize_guardrails.policies.service_grants import bucket_policy_service_grants, key_policy_service_grants
from personalize_guardrails.policies.trust_policy import trust_rule_policies

if TYPE_CHECKING:
    from pulumi_policy import Policy

__all__ = ["pack_policies"]


def pack_policies() -> list[Policy]:
    """Create and return every policy of the pack."""
    return [
        *trust_rule_policies(),
        one_policy_writer(),
        bucket_policy_service_grants(),
        key_policy_service_grants(),
        pass_role_to_service(),
        service_role_least_privilege(),
        bucket_access_both_sides(),
        bucket_encryption_key_access(),
        dataset_role_access(),
    ]
