"""The policies of the pack. Each decides in pure code and reports through an adapter; none loads pulumi_aws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import personalize_guardrails.policies.service_grants as service_grants
import personalize_guardrails.policies.stack as stack
import personalize_guardrails.policies.surroundings as surroundings
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
        service_grants.bucket_policy_service_grants(),
        service_grants.key_policy_service_grants(),
        surroundings.pass_role_to_service(),
        surroundings.service_role_least_privilege(),
        surroundings.bucket_access_both_sides(),
    ]


def read_types() -> frozenset[str]:
    """The resource types that any policy of the pack reads."""
    return watched_types() | service_grants.READ_TYPES | stack.READ_TYPES
