"""The role that Personalize assumes: step 3 of the guide."""

from typing import Final, Unpack

import pulumi
import pulumi_aws as aws

from personalize_guardrails.guide import MANAGED_POLICY
from personalize_permissions._components.access import managed_policy, once_named
from personalize_permissions._components.component_base import NO_ARGUMENTS, Component, get_field, map_input
from personalize_permissions._components.fixed_names import refuse_second, warn_of_lost_tags
from personalize_permissions._components.sources import sources_of
from personalize_permissions._documents import limits, statements
from personalize_permissions._runtime.lookup_errors import unanswered
from personalize_permissions._runtime.outputs import as_output, resolve_after
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeServiceRoleArgs
from personalize_permissions.choices import PolicyChoice

_DESCRIPTION: Final = "Assumed by Amazon Personalize, on behalf of the accounts and resources in its trust policy"


class PersonalizeServiceRole(Component):
    """The IAM role that Amazon Personalize assumes, trusted for named sources only."""

    role_arn: pulumi.Output[str]
    """ARN of the role; resolves once its policy is attached."""
    role_name: pulumi.Output[str]
    """Name of the role; resolves once its policy is attached."""
    policy_arn: pulumi.Output[str]
    """ARN of the policy that the role got."""
    trust_policy: pulumi.Output[str]
    """JSON of the role's trust policy."""
    _schema = argument_schemas.SERVICE_ROLE

    def __init__(
        self,
        name: str,
        args: PersonalizeServiceRoleArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Unpack[PersonalizeServiceRoleArgs],
    ) -> None:
        given = self._either(name, args, keywords)
        settings = get_field(given, "service_role")
        own_name = get_field(settings, "name")
        super().__init__(name, given, opts, {} if own_name else {"role": limits.ROLE_NAME})
        restricting = "source_accounts" if "source_accounts" in self._args else "source_arns"
        self.trust_policy = sources_of(self._scope, self._args).apply(
            lambda sources: self._render(restricting, statements.trust_policy(sources), limits.TRUST_POLICY)
        )
        self._require_name("aws:iam/role:Role", own_name, ("service_role", "name"))
        role = aws.iam.Role(
            f"{name}-role",
            name=own_name,
            path=get_field(settings, "path"),
            description=map_input(get_field(settings, "description"), lambda text: text or _DESCRIPTION),
            permissions_boundary=get_field(settings, "permissions_boundary"),
            max_session_duration=map_input(get_field(settings, "max_session_duration"), _whole),
            assume_role_policy=once_named(self._scope, ("service_role", "name"), "role", own_name, self.trust_policy),
            # Without it a policy that somebody attached by hand would keep the role from being deleted.
            force_detach_policies=True,
            tags=self._args.get("tags"),
            # A refresh reads them into the role's state, with names of buckets and keys that may be secret elsewhere.
            opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["inline_policies"]),
        )
        path = map_input(get_field(settings, "path"), lambda path: path or "/")
        alone = refuse_second(self._scope, ("service_role", "name"), role, own_name, path)
        warn_of_lost_tags(role, own_name)
        self.policy_arn = self._policy(name)
        attached = aws.iam.RolePolicyAttachment(
            f"{name}-personalize",
            role=role.name,
            policy_arn=self.policy_arn,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        # They depend on the role alone: a replaced attachment would replace what is given them, inline policies too.
        arn: pulumi.Output[str] = role.arn.apply(_known)
        self.role_arn = resolve_after(arn, attached.id, *alone, depends_on=[role.arn])
        self.role_name = resolve_after(role.name, attached.id, *alone, depends_on=[role.name])
        self._register_outputs()

    def _policy(self, name: str) -> pulumi.Output[str]:
        """Return the ARN of the role's policy: the one that was given, AWS's own, or one that is created."""
        given = self._args
        if "policy_arn" in given:
            return as_output(given["policy_arn"])
        choice = PolicyChoice(given.get("policy", PolicyChoice.CUSTOM))
        if choice is PolicyChoice.MANAGED:
            return managed_policy(self._scope, MANAGED_POLICY)
        self._require_name("aws:iam/policy:Policy")
        document = statements.custom_policy() if choice is PolicyChoice.CUSTOM else statements.pass_none()
        return aws.iam.Policy(
            f"{name}-policy",
            path=given.get("policy_path"),
            description="What Amazon Personalize may do in its service role",
            policy=self._scope.location.apply(lambda _: document.to_json()),
            tags=given.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn


def _known(arn: str | None) -> pulumi.Input[str]:
    """Return the ARN; unknown where `pulumi destroy --run-program` has none, of a role that the stack does not have."""
    return arn or unanswered()


def _whole(value: object) -> object:
    """Return the whole number that an engine hands over as a float; any other value as it is, to be refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
