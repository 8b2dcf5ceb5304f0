"""Which component writes the policy of which bucket or key in this deployment: two would overwrite each other."""

from collections.abc import Hashable, MutableMapping
from typing import Final
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from personalize_permissions.location import Scope

_PROCESS: Final = type("Process", (), {})()
_claims: Final[MutableMapping[object, dict[Hashable, str]]] = WeakKeyDictionary()


def claim(scope: Scope, what: str, identity: str, component: str) -> None:
    """Note that `component` writes the policy of a bucket or key; InvalidArgumentsError if another one does already."""
    writer = _claims.setdefault(_deployment(), {}).setdefault((what, identity), component)
    if writer != component:
        raise scope.refuse(
            (f"{what}_policy",),
            f'would overwrite what component "{writer}" of this stack writes: a {what} has one policy. Set '
            f'`{what}_policy` to "statements" here, and give what it hands out to the other as `existing_policy`',
        )


def _deployment() -> object:
    """One run of a program. A process that hosts components serves one deployment, but has no program to tell it by."""
    monitor = get_monitor()
    return monitor if isinstance(monitor, MockMonitor) else pulumi.runtime.get_root_resource() or _PROCESS
