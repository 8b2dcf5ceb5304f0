"""What people get: steps 1 and 2 of the guide."""

from collections.abc import Callable, Mapping

import pulumi
import pulumi_aws as aws

from personalize_guardrails.guide import MANAGED_POLICY
from personalize_permissions._components.component_base import Given, opened, part
from personalize_permissions._documents import limits, statements
from personalize_permissions._documents.grants import CLOUDWATCH_POLICIES
from personalize_permissions._runtime.location import Location, Scope
from personalize_permissions._runtime.outputs import after, applied, joined
from personalize_permissions._runtime.ownership import claim_attachment
from personalize_permissions._runtime.resource_names import register_list
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeAccessArgs
from personalize_permissions.choices import CloudWatchChoice, PolicyChoice


class PersonalizeAccess(pulumi.ComponentResource):
    """Lets people use Amazon Personalize: one policy on users, groups and roles, and CloudWatch access if wanted."""

    policy_arn: pulumi.Output[str]
    """ARN of the policy that people got; resolves once it is attached to all of them."""

    def __init__(
        self,
        name: str,
        args: PersonalizeAccessArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        scope: Scope | None = None,
    ) -> None:
        given, start = opened(self, name, args, argument_schemas.ACCESS, {f"{name}-policy": limits.POLICY_NAME}, scope)
        super().__init__("personalize-permissions:index:PersonalizeAccess", name, None, opts)
        scope = start()

        choice = PolicyChoice(given.get("policy", PolicyChoice.CUSTOM))
        if choice is PolicyChoice.MANAGED:
            arn = managed_policy(scope, MANAGED_POLICY)
        else:
            arn = aws.iam.Policy(
                f"{name}-policy",
                name=given.get("policy_name"),
                path=given.get("policy_path"),
                description="Lets people use Amazon Personalize",
                policy=applied(
                    lambda _, role: (statements.pass_only(role) if role else statements.custom_policy()).to_json(),
                    scope.location,
                    given.get("service_role_arn"),
                ),
                tags=given.get("tags"),
                opts=part(self),
            ).arn
        shared = "policy" if choice is PolicyChoice.MANAGED else None
        done = [attach(self, f"{name}-personalize", arn, given, scope, shared_by=shared)]
        cloudwatch = CloudWatchChoice(given.get("cloudwatch", CloudWatchChoice.NONE))
        if cloudwatch is not CloudWatchChoice.NONE:
            watch = managed_policy(scope, CLOUDWATCH_POLICIES[cloudwatch])
            done.append(attach(self, f"{name}-cloudwatch", watch, given, scope, shared_by="cloudwatch"))
        self.policy_arn = after(arn, *done)
        self.register_outputs({"policy_arn": self.policy_arn})


def managed_policy(scope: Scope, path_and_name: str) -> pulumi.Output[str]:
    """The ARN of an AWS managed policy in the partition of the provider."""
    return scope.render(lambda place: f"arn:{place.partition}:iam::aws:policy/{path_and_name}")


def attach(
    parent: pulumi.Resource,
    name: str,
    policy_arn: pulumi.Input[str],
    people: Given,
    scope: Scope,
    *,
    shared_by: str | None = None,
) -> pulumi.Output[list[object]]:
    """Attach one policy to each of `people`'s users, groups and roles, one resource each.

    Never an exclusive attachment: what others attached to the same people stays. `shared_by` is the argument that chose
    a policy which is not this component's own: no other component of the program may attach it to the same principal.
    """

    def policy_for(kind: str, principal: pulumi.Input[str]) -> pulumi.Input[str]:
        if shared_by is None:
            return policy_arn
        return _unshared(scope, shared_by, policy_arn, kind, principal)

    attachments: Mapping[str, Callable[[str, pulumi.Input[str]], pulumi.Output[str]]] = {
        "users": lambda label, user: (
            aws.iam.UserPolicyAttachment(
                f"{name}-{label}", user=user, policy_arn=policy_for("user", user), opts=part(parent)
            ).id
        ),
        "groups": lambda label, group: (
            aws.iam.GroupPolicyAttachment(
                f"{name}-{label}", group=group, policy_arn=policy_for("group", group), opts=part(parent)
            ).id
        ),
        "roles": lambda label, role: (
            aws.iam.RolePolicyAttachment(
                f"{name}-{label}", role=role, policy_arn=policy_for("role", role), opts=part(parent)
            ).id
        ),
    }
    return joined(
        *[register_list(people[kind], _itself, make, scope) for kind, make in attachments.items() if kind in people]
    )


def _itself(name: pulumi.Input[str]) -> pulumi.Input[str]:
    return name


def _unshared(
    scope: Scope, argument: str, policy_arn: pulumi.Input[str], kind: str, principal: pulumi.Input[str]
) -> pulumi.Output[str]:
    named = f'{kind} "{principal}"' if isinstance(principal, str) else f"a {kind}"  # an output may be secret

    def claimed(place: Location, arn: str, name: str) -> str:
        claim_attachment(scope, argument, arn, (place.account, kind, name), named)
        return arn

    return applied(claimed, scope.location, policy_arn, principal)
