"""One KMS key, for the role, for people and in the key's own policy: step 4 of the guide."""

from collections.abc import Mapping
from typing import Any, Unpack, overload

import pulumi
import pulumi_aws as aws

from personalize_guardrails.iam import Arn
from personalize_permissions._components.access import attach
from personalize_permissions._components.adoption import alias_of, refuse_second_policy
from personalize_permissions._components.component_base import NO_ARGUMENTS, Component
from personalize_permissions._components.sources import confining_sources
from personalize_permissions._documents import limits
from personalize_permissions._documents.existing_policy import ExistingPolicy, parse_existing
from personalize_permissions._documents.merging import keeps_administration, merge
from personalize_permissions._documents.statements import KeyGrant
from personalize_permissions._runtime.location import Location
from personalize_permissions._runtime.outputs import combine, resolve_after
from personalize_permissions._runtime.ownership import claim, reserve
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeKeyAccessArgs
from personalize_permissions.choices import Delivery


class PersonalizeKeyAccess(Component):
    """Lets Amazon Personalize, its service role and people use a KMS key."""

    key_policy: pulumi.Output[str]
    """JSON of the key policy: what is attached, or the statements to add where `key_policy` is `statements`."""
    role_policy: pulumi.Output[str]
    """JSON of the policy that the service role and people got."""
    _schema = argument_schemas.KEY_ACCESS

    @overload
    def __init__(
        self, name: str, args: PersonalizeKeyAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...
    @overload
    def __init__(
        self, name: str, *, opts: pulumi.ResourceOptions | None = None, **keywords: Unpack[PersonalizeKeyAccessArgs]
    ) -> None: ...
    def __init__(
        self,
        name: str,
        args: PersonalizeKeyAccessArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name, self._either(name, args, keywords), opts, {"people": limits.POLICY_NAME})
        self._require_name("aws:iam/rolePolicy:RolePolicy")
        given, child = self._args, pulumi.ResourceOptions(parent=self)
        grant = combine(self._grant, self._scope.location, given["key_arn"], given.get("dataset_export"))
        identity = grant.apply(lambda known: known.for_identity().to_json())
        role_arn = pulumi.Output.from_input(given["service_role_arn"])
        role_policy = aws.iam.RolePolicy(
            f"{name}-role", role=role_arn.apply(lambda arn: arn.rsplit("/", 1)[-1]), policy=identity, opts=child
        )
        done: list[pulumi.Input[object]] = [role_policy.id]
        if any(kind in given for kind in argument_schemas.PEOPLE):
            self._require_name("aws:iam/policy:Policy")
            people = aws.iam.Policy(
                f"{name}-people",
                path=given.get("policy_path"),
                description="Lets people use a KMS key with Amazon Personalize",
                policy=identity,
                tags=given.get("tags"),
                opts=child,
            )
            done += attach(self, f"{name}-people", people.arn, given, self._scope)
        self.key_policy = resolve_after(self._key_policy(name, grant, role_arn), *done)
        self.role_policy = resolve_after(identity, *done, depends_on=[role_policy.id])
        self._register_outputs()

    def _key_policy(
        self, name: str, grant: pulumi.Output[KeyGrant], role_arn: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        """Return the JSON of the key policy, once it is written where it is to be attached."""
        given, location, existing = self._args, self._scope.location, self._args.get("existing_policy")
        owner = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
        document = combine(
            lambda grant, role, sources, existing: merge(existing, grant.for_key(owner, role, sources)),
            grant,
            role_arn,
            confining_sources(self._scope, given),
            existing,
        )
        if Delivery(given.get("key_policy", Delivery.ATTACH)) is not Delivery.ATTACH:
            return document.apply(lambda known: known.to_json())

        reserve("key", given["key_arn"], name)
        # Checked without the role's ARN, which a first preview does not know.
        key_id = combine(lambda *known: self._writable_key(name, *known), location, given["key_arn"], existing)
        text = combine(lambda known, _: self._render("existing_policy", known, limits.KEY_POLICY), document, key_id)
        policy = aws.kms.KeyPolicy(
            f"{name}-key",
            key_id=key_id,  # what the provider reads back; an ARN would show as a change in every preview
            policy=text,
            opts=pulumi.ResourceOptions(
                parent=self,
                aliases=alias_of(given.get("adopt_policy_from")),
                # Deleting a key policy resets it to the default, and would take the statements of others with it.
                retain_on_delete=True,
                # The provider would update in place, and write the policy of the new key onto the old one.
                replace_on_changes=["keyId"],
            ),
        )
        alone = refuse_second_policy(self._scope, given, policy, "key", given["key_arn"], _is_of_key)
        return resolve_after(text, policy.id, *alone)

    def _writable_key(self, name: str, place: Location, key_arn: str, existing: ExistingPolicy) -> str:
        """Return the id of a key whose policy may be written; InvalidArgumentsError for any other."""
        key = Arn.parse(key_arn)
        if (key.partition, key.region, key.account) != (place.partition, place.region, place.account):
            raise self._scope.refuse(
                ("key_arn",),
                f"is a key of another account or region than {place.account} in {place.region}, where the provider "
                'works; set `key_policy` to "statements" and have the key\'s owner add the statements in the output',
            )
        if not keeps_administration(parse_existing(existing), place.account):
            raise self._scope.refuse(
                ("existing_policy",),
                "would lock the account out of the key; keep the statement that allows kms:* to "
                f"arn:{place.partition}:iam::{place.account}:root, and none that denies everybody kms:PutKeyPolicy",
            )
        claim(self._scope, "key", key_arn, name)
        return key.resource.removeprefix("key/")

    def _grant(self, place: Location, key_arn: str, exported: bool | None) -> KeyGrant:  # noqa: FBT001 - an argument's value
        """Return what the key's users may do with it; InvalidArgumentsError for a key of another partition."""
        if Arn.parse(key_arn).partition != place.partition:
            raise self._scope.refuse(
                ("key_arn",),
                "is a key of another partition than the provider's, so it is never used; it starts with "
                f"arn:{place.partition}:",
            )
        return KeyGrant(key_arn, bool(exported))


def _is_of_key(outputs: Mapping[str, Any], key_arn: str) -> bool:
    """Return whether a key policy of the stack's state is of that key: it has the key's ARN, or its id and region."""
    arn = Arn.parse(key_arn)
    in_region = outputs.get("region") in {None, arn.region}
    return outputs.get("keyId") in {key_arn, arn.resource.removeprefix("key/")} and in_region
