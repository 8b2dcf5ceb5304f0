"""The policies of the pack. Each decides in pure code and reports through an adapter; none loads pulumi_aws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import personalize_guardrails.policies.grants as grants
import personalize_guardrails.policies.trust_policy as trust_policy
from personalize_guardrails.extraction import watched_types

if TYPE_CHECKING:
    from pulumi_policy import Policy


def pack_policies() -> list[Policy]:
    """Every policy, newly made."""
    return [
        trust_policy.source_conditions(),
        trust_policy.satisfiable(),
        trust_policy.exemptions(),
        grants.bucket_policy_service_grants(),
        grants.key_policy_service_grants(),
        grants.pass_role_to_service(),
        grants.service_role_least_privilege(),
        grants.bucket_access_both_sides(),
    ]


def read_types() -> frozenset[str]:
    """The resource types that any policy of the pack reads."""
    return watched_types() | grants.READ_TYPES
