"""The role that Personalize assumes: step 3 of the guide."""

import pulumi
import pulumi_aws as aws

from personalize_guardrails.guide import MANAGED_POLICY
from personalize_guardrails.iam import Arn
from personalize_permissions._components.access import managed_policy
from personalize_permissions._components.component_base import Given, in_record, of_input, opened, part, sized
from personalize_permissions._documents import limits, statements
from personalize_permissions._documents.statements import Sources
from personalize_permissions._runtime.location import Location, Scope
from personalize_permissions._runtime.outputs import after, applied, unwrapped
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeServiceRoleArgs
from personalize_permissions.choices import PolicyChoice


class PersonalizeServiceRole(pulumi.ComponentResource):
    """The IAM role that Amazon Personalize assumes, trusted for named sources only."""

    role_arn: pulumi.Output[str]
    """ARN of the role; resolves once its policy is attached."""
    role_name: pulumi.Output[str]
    """Name of the role; resolves once its policy is attached."""
    policy_arn: pulumi.Output[str]
    """ARN of the policy that the role got."""
    trust_policy: pulumi.Output[str]
    """JSON of the role's trust policy."""

    def __init__(
        self,
        name: str,
        args: PersonalizeServiceRoleArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        scope: Scope | None = None,
    ) -> None:
        role = (args or {}).get("service_role") if isinstance(args, dict | None) else None
        generated = {} if in_record(role, "name") else {f"{name}-role": limits.ROLE_NAME}
        given, start = opened(self, name, args, argument_schemas.SERVICE_ROLE, generated, scope)
        super().__init__("personalize-permissions:index:PersonalizeServiceRole", name, None, opts)
        scope = start()

        self.trust_policy = sources_of(scope, given).apply(
            lambda sources: sized(scope, "source_accounts", statements.trust_policy(sources), limits.TRUST_POLICY)
        )
        made = aws.iam.Role(
            f"{name}-role",
            name=in_record(role, "name"),
            path=in_record(role, "path"),
            description=of_input(in_record(role, "description"), lambda text: text or _DESCRIPTION),
            permissions_boundary=in_record(role, "permissions_boundary"),
            max_session_duration=of_input(
                in_record(role, "max_session_duration"), lambda seconds: int(seconds) if _is_whole(seconds) else seconds
            ),
            assume_role_policy=self.trust_policy,
            # Without it a policy that somebody attached by hand would keep the role from being deleted.
            force_detach_policies=True,
            tags=given.get("tags"),
            # A refresh reads them into the role's state, with names of buckets and keys that may be secret elsewhere.
            opts=pulumi.ResourceOptions.merge(
                part(self), pulumi.ResourceOptions(additional_secret_outputs=["inline_policies"])
            ),
        )
        self.policy_arn = self._policy(name, scope, given)
        attached = aws.iam.RolePolicyAttachment(
            f"{name}-personalize", role=made.name, policy_arn=self.policy_arn, opts=part(self)
        )
        self.role_arn = after(made.arn, attached.id)
        self.role_name = after(made.name, attached.id)
        self.register_outputs(
            {
                "role_arn": self.role_arn,
                "role_name": self.role_name,
                "policy_arn": self.policy_arn,
                "trust_policy": self.trust_policy,
            }
        )

    def _policy(self, name: str, scope: Scope, given: Given) -> pulumi.Output[str]:
        if "policy_arn" in given:
            return pulumi.Output.from_input(given["policy_arn"])
        choice = PolicyChoice(given.get("policy", PolicyChoice.CUSTOM))
        if choice is PolicyChoice.MANAGED:
            return managed_policy(scope, MANAGED_POLICY)
        document = statements.custom_policy() if choice is PolicyChoice.CUSTOM else statements.pass_none()
        return aws.iam.Policy(
            f"{name}-policy",
            path=given.get("policy_path"),
            description="What Amazon Personalize may do in its service role",
            policy=scope.render(lambda _: document.to_json()),
            tags=given.get("tags"),
            opts=part(self),
        ).arn


def _is_whole(value: object) -> bool:
    """Whether it is the number that it should be, which engines hand over as a float; what is not is refused later."""
    return isinstance(value, float) and value.is_integer()


_DESCRIPTION = "Assumed by Amazon Personalize, on behalf of the accounts and resources in its trust policy"


def confining_sources(scope: Scope, given: Given) -> pulumi.Output[Sources] | None:
    """What `confine_to_source` pins the service's statements on buckets and keys to; None where it is not given."""
    if "confine_to_source" not in given:
        return None
    return applied(
        lambda sources, confine: sources if confine else None, sources_of(scope, given), given["confine_to_source"]
    )


def sources_of(scope: Scope, given: Given) -> pulumi.Output[Sources]:
    """What the trust policy pins: the arguments, or the provider's account and any of its resources in the region."""

    def resolve(place: Location, accounts: list[str] | None, arns: list[str] | None) -> Sources:
        accounts = accounts or [place.account]
        if faults := argument_schemas.source_faults(accounts, arns or []):
            index, reason = faults[0]
            raise scope.refuse(("source_arns", index), reason)
        for index, arn in enumerate(arns or []):
            if Arn.parse(arn).partition != place.partition:
                raise scope.refuse(
                    ("source_arns", index),
                    "is an ARN of another partition than the provider's, so it never matches; it starts with "
                    f"arn:{place.partition}:",
                )
        return Sources(
            tuple(accounts), tuple(arns or statements.source_patterns(place.partition, place.region, accounts))
        )

    named = (unwrapped(given.get(name)) for name in ("source_accounts", "source_arns"))
    return applied(resolve, scope.location, *named)
