"""What people get: steps 1 and 2 of the guide."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, NoReturn, Unpack

import pulumi
import pulumi_aws as aws

from personalize_guardrails.guide import MANAGED_POLICY
from personalize_permissions._components.component_base import NO_ARGUMENTS, Component
from personalize_permissions._components.fixed_names import refuse_second, warn_of_lost_tags
from personalize_permissions._documents import limits, statements
from personalize_permissions._documents.grants import CLOUDWATCH_POLICIES
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, resolve_after
from personalize_permissions._runtime.ownership import claim_attachment, claim_name, count_attachment
from personalize_permissions._runtime.resource_names import register_list
from personalize_permissions._runtime.scope import Scope
from personalize_permissions._runtime.stack_state import Outputs, logical_name, refuse_twins
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.report import Path
from personalize_permissions.arguments import PersonalizeAccessArgs
from personalize_permissions.choices import CloudWatchChoice, PolicyChoice


class PersonalizeAccess(Component):
    """Lets people use Amazon Personalize: one policy on users, groups and roles, and CloudWatch access if wanted."""

    policy_arn: pulumi.Output[str]
    """ARN of the policy that people got; resolves once it is attached to all of them."""
    _schema = argument_schemas.ACCESS

    def __init__(
        self,
        name: str,
        args: PersonalizeAccessArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Unpack[PersonalizeAccessArgs],
    ) -> None:
        super().__init__(name, self._either(name, args, keywords), opts, {"policy": limits.POLICY_NAME})
        given, scope = self._args, self._scope
        choice = PolicyChoice(given.get("policy", PolicyChoice.CUSTOM))
        done: list[pulumi.Input[object]] = []
        if choice is PolicyChoice.MANAGED:
            arn = managed_policy(scope, MANAGED_POLICY)
        else:
            self._require_name("aws:iam/policy:Policy", given.get("policy_name"), ("policy_name",))
            document = combine(
                lambda _, role: (statements.pass_only(role) if role else statements.custom_policy()).to_json(),
                scope.location,
                given.get("service_role_arn"),
            )
            policy = aws.iam.Policy(
                f"{name}-policy",
                name=given.get("policy_name"),
                path=given.get("policy_path"),
                description="Lets people use Amazon Personalize",
                policy=once_named(scope, ("policy_name",), "policy", given.get("policy_name"), document),
                tags=given.get("tags"),
                opts=pulumi.ResourceOptions(parent=self),
            )
            done += refuse_second(scope, ("policy_name",), policy, given.get("policy_name"))
            warn_of_lost_tags(policy, given.get("policy_name"))
            arn = policy.arn
        shared = "policy" if choice is PolicyChoice.MANAGED else None
        done += attach(self, f"{name}-personalize", arn, given, scope, shared_by=shared)
        cloudwatch = CloudWatchChoice(given.get("cloudwatch", CloudWatchChoice.NONE))
        if cloudwatch is not CloudWatchChoice.NONE:
            watch = managed_policy(scope, CLOUDWATCH_POLICIES[cloudwatch])
            done += attach(self, f"{name}-cloudwatch", watch, given, scope, shared_by="cloudwatch")
        self.policy_arn = resolve_after(arn, *done, depends_on=[arn])
        self._register_outputs()


def once_named(
    scope: Scope, path: Path, kind: str, name: pulumi.Input[str] | None, document: pulumi.Output[str]
) -> pulumi.Output[str]:
    """Return the document of a role or policy, once no other component of the program makes one of its name."""
    if name is None:
        return document
    claimed = combine(
        lambda place, known: claim_name(scope, path, kind, place.account, known) if known else None,
        scope.location,
        name,
    )
    return resolve_after(document, claimed, depends_on=[document])


def managed_policy(scope: Scope, path_and_name: str) -> pulumi.Output[str]:
    """Return the ARN of an AWS managed policy in the partition of the provider."""
    return scope.location.apply(lambda place: f"arn:{place.partition}:iam::aws:policy/{path_and_name}")


_KINDS: Final = MappingProxyType({"users": "user", "groups": "group", "roles": "role"})
"""What each list of people names."""


def attach(
    parent: pulumi.Resource,
    name: str,
    policy_arn: pulumi.Input[str],
    people: Mapping[str, Any],
    scope: Scope,
    *,
    shared_by: str | None = None,
) -> list[pulumi.Input[object]]:
    """Attach one policy to each of `people`'s users, groups and roles, one resource each; return what is done then.

    Never an exclusive attachment: what others attached to the same people stays. `shared_by` is the argument that chose
    a policy which is not this component's own: no other component of the program may attach it to the same principal.
    """
    # A replacement may attach the same policy to the same principal: deleting the old one last would take it away.
    opts = pulumi.ResourceOptions(parent=parent, delete_before_replace=True)
    provider = parent.get_provider("aws:index:Provider")

    def register(argument: str, label: str, principal: pulumi.Input[str]) -> pulumi.Output[object]:
        kind = _KINDS[argument]
        count_attachment(scope, provider, argument, label, f"{name}-{label}", people.get("managed_policies_quota"))
        arn = _claimed(scope, shared_by, policy_arn, kind, principal) if shared_by else policy_arn
        attachment = getattr(aws.iam, f"{kind.capitalize()}PolicyAttachment")
        attached = attachment(f"{name}-{label}", policy_arn=arn, opts=opts, **{kind: principal})
        made: pulumi.Output[object] = attached.id
        return resolve_after(made, *_alone(scope, shared_by, attached, kind, principal, arn)) if shared_by else made

    return [
        register_list(people[argument], lambda person: person, partial(register, argument), scope)
        for argument in _KINDS
        if argument in people
    ]


def _alone(
    scope: Scope,
    argument: str,
    attached: pulumi.CustomResource,
    kind: str,
    principal: pulumi.Input[str],
    policy_arn: pulumi.Input[str],
) -> list[pulumi.Output[object]]:
    """Refuse, in a preview, a new attachment that the stack has under another name: its deletion would detach both."""

    def refuse(others: list[str]) -> NoReturn:
        raise scope.refuse(
            (argument,),
            f'attaches a policy to {_named(kind, principal)}, as "{logical_name(others[0])}" of this stack does, '
            "whose deletion would detach both. If the component has another name now, give the old one in "
            "`aliases`; if the person moves, leave the name out of both for one run",
        )

    def is_twin(has: Outputs, arn: str, name: str) -> bool:
        return has.get("policyArn") == arn and has.get(kind, "").casefold() == name.casefold()

    return refuse_twins(attached, refuse, is_twin, policy_arn, principal)


def _named(kind: str, principal: pulumi.Input[str]) -> str:
    """Return the words for a principal; an output may be secret."""
    return f'{kind} "{principal}"' if isinstance(principal, str) else f"a {kind}"


def _claimed(
    scope: Scope, argument: str, policy_arn: pulumi.Input[str], kind: str, principal: pulumi.Input[str]
) -> pulumi.Output[str]:
    """Return the ARN of a policy of AWS's own, once no other component attaches it to the principal."""

    def claim(place: Location, arn: str, name: str) -> str:
        claim_attachment(scope, argument, arn, (place.account, kind, name), _named(kind, principal))
        return arn

    return combine(claim, scope.location, policy_arn, principal)
