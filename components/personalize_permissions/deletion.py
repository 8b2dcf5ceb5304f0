"""Deletion with care, for programs in Python that ask for it: warnings of what will break, and nothing of others lost.

A choice, not the default: a plain `pulumi destroy` runs no program, and Pulumi refuses to destroy what has hooks for
its deletion unless it does, with `--run-program`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._documents.merging import foreign_statements
from personalize_permissions._runtime.bucket_lookup import live_bucket_policy
from personalize_permissions._runtime.run_scope import PerRun

_OF_A_KEY: Final = "$personalize-permissions:index:PersonalizeKeyAccess$"
_hooks: Final = PerRun[pulumi.ResourceHook]()


def careful_deletion(opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
    """`opts` for a component, with which what cannot be undone is told of before it is done, in previews too.

    A warning before the service role goes, whose ARN Personalize's resources keep, and before it loses a key. An error
    before a bucket policy goes that holds statements which the stack did not write: they would go with it. So it is
    when an entry is taken out of the arguments, and with `pulumi destroy --run-program`; without that option Pulumi
    then refuses to destroy. Keep the call in the program until what it watches is gone: its hooks have to be there.
    """
    given = opts or pulumi.ResourceOptions()
    provider = _aws_provider(given)
    suffix = f":{provider.pulumi_resource_name}" if provider else ""

    async def lose_nothing(args: pulumi.ResourceHookArgs) -> None:
        await _lose_nothing(args, provider)

    watched = {
        "aws:iam/role:Role": _hook("role", _warn_of_role),
        "aws:iam/rolePolicy:RolePolicy": _hook("role-policy", _warn_of_key),
        "aws:s3/bucketPolicy:BucketPolicy": _hook(f"bucket-policy{suffix}", lose_nothing),
    }

    def watch(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ not in watched or args.opts.retain_on_delete:
            return None
        binding = pulumi.ResourceHookBinding(before_delete=[watched[args.type_]])
        hooked = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(hooks=binding))
        return pulumi.ResourceTransformResult(args.props, hooked)

    return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(transforms=[watch]))


def _hook(name: str, function: pulumi.ResourceHookFunction) -> pulumi.ResourceHook:
    """One hook of that name for all components of a program: the engine knows hooks by their names."""
    known = _hooks.of_this_run()
    if name not in known:
        options = pulumi.ResourceHookOptions(on_dry_run=True)
        known[name] = pulumi.ResourceHook(f"personalize-permissions:{name}", function, options)
    return known[name]


def _warn_of_role(args: pulumi.ResourceHookArgs) -> None:
    pulumi.log.warn(
        f"{args.name}: the role {args.id} goes. Resources of Amazon Personalize keep its ARN: jobs that were made with "
        "it fail from then on. A key policy that names it will not know a new role of the same name."
    )


def _warn_of_key(args: pulumi.ResourceHookArgs) -> None:
    if _OF_A_KEY in args.urn:
        pulumi.log.warn(
            f"{args.name}: the service role loses a KMS key. Filters and recommendations on data that it encrypts stop "
            "working at once."
        )


async def _lose_nothing(args: pulumi.ResourceHookArgs, provider: pulumi.ProviderResource | None) -> None:
    written = args.old_outputs or {}
    bucket, policy = await pulumi.Output.all(written["bucket"], written["policy"]).future() or []
    live = await live_bucket_policy(None, bucket, provider).future()
    if lost := foreign_statements(live, PolicyDocument.parse(policy), frozenset()):
        raise pulumi.RunError(
            f"the policy of bucket {bucket} holds {', '.join(lost)}, which this stack did not write and which would go "
            "with it. Give the bucket's whole policy (aws s3api get-bucket-policy) as `existing_policy`, and run "
            "`pulumi up` before the bucket is taken out: from then on its policy is kept"
        )


def _aws_provider(opts: pulumi.ResourceOptions) -> pulumi.ProviderResource | None:
    if opts.provider:
        return opts.provider
    match opts.providers:
        case Mapping():
            return opts.providers.get("aws")
        case Sequence():
            return next((each for each in opts.providers if each.package == "aws"), None)
    return None
