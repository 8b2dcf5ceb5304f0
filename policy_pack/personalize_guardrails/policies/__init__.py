"""The policies of the pack. Each decides in pure code and reports through an adapter; none loads pulumi_aws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalize_guardrails.policies.trust_policy import source_conditions

if TYPE_CHECKING:
    from pulumi_policy import Policy


def pack_policies() -> list[Policy]:
    """Every policy, newly made."""
    return [source_conditions()]
