"""On whose behalf Personalize acts: what trust policies, and the service's statements, are pinned to."""

from collections.abc import Mapping
from typing import Any

import pulumi

from personalize_guardrails.iam import Arn
from personalize_permissions._documents.statements import Sources, source_patterns
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, flatten_input
from personalize_permissions._runtime.scope import Scope
from personalize_permissions._validation.combinations import source_faults


def confining_sources(scope: Scope, given: Mapping[str, Any]) -> pulumi.Output[Sources] | None:
    """Return what `confine_to_source` pins the service's statements on buckets and keys to; None where it is off."""
    if "confine_to_source" not in given:
        return None
    return combine(
        lambda sources, confine: sources if confine else None, sources_of(scope, given), given["confine_to_source"]
    )


def sources_of(scope: Scope, given: Mapping[str, Any]) -> pulumi.Output[Sources]:
    """Return what the trust policy pins: the arguments, or the provider's account and all its resources there."""

    def resolve(place: Location, accounts: list[str] | None, arns: list[str] | None) -> Sources:
        """Return the sources at a place; InvalidArgumentsError for an ARN that never matches."""
        accounts = accounts or [place.account]
        if faults := source_faults(accounts, arns or []):
            index, reason = faults[0]
            raise scope.refuse(("source_arns", index), reason)
        for index, arn in enumerate(arns or []):
            if Arn.parse(arn).partition != place.partition:
                raise scope.refuse(
                    ("source_arns", index),
                    "is an ARN of another partition than the provider's, so it never matches; it starts with "
                    f"arn:{place.partition}:",
                )
        return Sources(tuple(accounts), tuple(arns or source_patterns(place.partition, place.region, accounts)))

    named = (flatten_input(given.get(name)) for name in ("source_accounts", "source_arns"))
    return combine(resolve, scope.location, *named)
