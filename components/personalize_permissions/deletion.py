"""Warnings of what a deletion will break, for programs in Python that ask for them.

They are not the default: Pulumi refuses to destroy resources with hooks for their deletion unless the program runs,
and it runs in `pulumi destroy --run-program` only.
"""

from typing import Final

import pulumi

from personalize_permissions._runtime.run_scope import PerRun

_OF_A_KEY: Final = "$personalize-permissions:index:PersonalizeKeyAccess$"
_hooks: Final = PerRun[pulumi.ResourceHook]()


def careful_deletion(opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
    """Return `opts` for a component that warn of a deletion which cannot be undone before it is made, in previews too.

    It warns before the service role is deleted, whose ARN Personalize's resources keep, and before the role loses a
    key: when an entry is removed from the arguments, and in `pulumi destroy --run-program`. Without that option Pulumi
    then refuses to destroy. Keep the call in the program until the resources that it watches are deleted: their
    deletion needs its hooks.
    """
    watched = {
        "aws:iam/role:Role": _hook("role", _warn_of_role),
        "aws:iam/rolePolicy:RolePolicy": _hook("role-policy", _warn_of_key),
    }

    def watch(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ not in watched or args.opts.retain_on_delete:
            return None
        binding = pulumi.ResourceHookBinding(before_delete=[watched[args.type_]])
        hooked = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(hooks=binding))
        return pulumi.ResourceTransformResult(args.props, hooked)

    return pulumi.ResourceOptions.merge(opts or pulumi.ResourceOptions(), pulumi.ResourceOptions(transforms=[watch]))


def _hook(name: str, function: pulumi.ResourceHookFunction) -> pulumi.ResourceHook:
    """Return the one hook of that name for all components of a program: the engine knows hooks by their names."""
    known = _hooks.of_this_run()
    if name not in known:
        options = pulumi.ResourceHookOptions(on_dry_run=True)
        known[name] = pulumi.ResourceHook(f"personalize-permissions:{name}", function, options)
    return known[name]


def _warn_of_role(args: pulumi.ResourceHookArgs) -> None:
    pulumi.log.warn(
        f"{args.name}: the role {args.id} is deleted. Resources of Amazon Personalize keep its ARN: jobs that were "
        "made with it fail from then on. A key policy that names it does not apply to a new role of the same name."
    )


def _warn_of_key(args: pulumi.ResourceHookArgs) -> None:
    if _OF_A_KEY in args.urn:
        pulumi.log.warn(
            f"{args.name}: the service role loses a KMS key. Filters and recommendations on data that it encrypts stop "
            "working at once."
        )
