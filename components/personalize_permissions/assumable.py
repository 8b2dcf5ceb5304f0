"""Patience with a role that IAM made seconds ago, for a program's own resources: an error hook that tries again."""

import asyncio
from typing import Final

import pulumi

from personalize_permissions._runtime.run_scope import PerRun

_PAUSE: Final = 5.0
_ATTEMPTS: Final = 100
"""How often the engine makes a resource at most, whatever its hooks say."""
_LONGEST: Final = _PAUSE * (_ATTEMPTS - 2)
_ARNS: Final = ("service_role_arn", "role_arn", "arn")
_hooks: Final = PerRun[pulumi.ErrorHook]()


def until_assumable(role: pulumi.Resource, *, seconds: float = 60) -> pulumi.ResourceHookBinding:
    """Return hooks that make a resource again while AWS says that it cannot assume a new role which the resource uses.

    `role` is a `PersonalizePermissions`, a `PersonalizeServiceRole`, or a role of `pulumi_aws` or `pulumi_aws_native`.
    The resource is tried again every five seconds, for `seconds` at most; other errors, and errors about another role,
    end the run at once. Raises TypeError where `role` has no ARN, and ValueError where `seconds` is not from 5 to 490.
    """
    name = next((each for each in _ARNS if isinstance(getattr(role, each, None), pulumi.Output)), None)
    if name is None:
        raise TypeError(f"role: a {type(role).__name__} has no ARN of a role; pass the component or the role itself")
    if not _PAUSE <= seconds <= _LONGEST:
        limit = f"Pulumi makes a resource {_ATTEMPTS} times at most"
        raise ValueError(f"seconds: {seconds} is not from {_PAUSE:g} to {_LONGEST:g}; {limit}")
    known = _hooks.of_this_run()
    if (role, seconds) not in known:
        known[role, seconds] = _hook(f"until-assumable-{len(known) + 1}", getattr(role, name), seconds)
    return pulumi.ResourceHookBinding(on_error=[known[role, seconds]])


def _hook(name: str, arn: pulumi.Output[str], seconds: float) -> pulumi.ErrorHook:
    """Make the hook of one role; the engine knows hooks by their names."""

    async def again(args: pulumi.ErrorHookArgs) -> bool:
        newest = args.errors[0]
        about_it = ":role/" not in newest or str(await arn.future()) in newest
        if "assum" not in newest.lower() or not about_it or len(args.errors) > seconds / _PAUSE:
            return False
        pulumi.log.info(f"{args.name}: the role cannot be assumed yet; trying again in {_PAUSE:g} seconds")
        await asyncio.sleep(_PAUSE)
        return True

    return pulumi.ErrorHook(f"personalize-permissions:{name}", again)
