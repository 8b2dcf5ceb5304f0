"""The one policy of a bucket or a key, when another resource of the stack has written it until now."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from personalize_permissions._runtime.scope import Scope
from personalize_permissions._runtime.stack_state import logical_name, refuse_twins


def alias_of(adopted: str | None) -> list[str | pulumi.Alias] | None:
    """Return the aliases of a resource that takes the place of `adopted`, the logical name or the URN of another."""
    if adopted is None:
        return None
    return [adopted if adopted.startswith("urn:") else pulumi.Alias(name=adopted, parent=pulumi.ROOT_STACK_RESOURCE)]


def refuse_second_policy(
    scope: Scope,
    given: Mapping[str, Any],
    policy: pulumi.CustomResource,
    what: str,
    owner: pulumi.Input[str],
    is_of: Callable[[Mapping[str, Any], str], bool],
) -> list[pulumi.Output[object]]:
    """Refuse, in a preview, a new policy of what has one already in this stack: the old one would be deleted last.

    Return what has to be resolved before the policy is used. `what` is a bucket or a key, `owner` its name or ARN;
    `is_of` returns whether a policy's outputs are those of the owner's policy.
    """

    def refuse(found: list[str]) -> None:
        """Raise InvalidArgumentsError unless every policy that was found is one that a component keeps."""
        # Every version of the component has kept the key policies that it wrote.
        if others := [urn for urn in found if "PersonalizeKeyAccess$" not in urn]:
            other, adopted = logical_name(others[0]), given.get("adopt_policy_from")
            if adopted in {other, others[0]}:
                raise scope.refuse(
                    ("adopt_policy_from",),
                    f'names "{other}", whose AWS provider is not the component\'s: Pulumi would replace that resource, '
                    "and its deletion would remove the new policy too. Give the component that provider, or run "
                    f"`pulumi state delete '{others[0]}'` first and leave `adopt_policy_from` out",
                )
            fault = "names another resource" if "adopt_policy_from" in given else "is missing"
            raise scope.refuse(
                ("adopt_policy_from",),
                f'{fault}: "{other}" of this stack manages the policy of the {what}. The deletion of that resource '
                f'would remove the new policy too. Write "{other}" to let the component take its place, or set '
                f'`{what}_policy` to "statements" and leave the policy to that resource',
            )

    return refuse_twins(policy, refuse, is_of, owner)
