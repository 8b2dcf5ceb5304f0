"""Which component writes the policy of which bucket or key in this deployment: two would overwrite each other."""

from typing import Final

from personalize_permissions.deployment import PerDeployment
from personalize_permissions.location import Scope

_claims: Final = PerDeployment[str]()


def claim(scope: Scope, what: str, identity: str, component: str) -> None:
    """Note that `component` writes the policy of a bucket or key; InvalidArgumentsError if another one does already."""
    writer = _claims.of_this_run().setdefault((what, identity), component)
    if writer != component:
        raise scope.refuse(
            (f"{what}_policy",),
            f'would overwrite what component "{writer}" of this stack writes: a {what} has one policy. Set '
            f'`{what}_policy` to "statements" here, and give what it hands out to the other as `existing_policy`',
        )
