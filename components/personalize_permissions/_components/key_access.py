"""One KMS key, for the role, for people and in the key's own policy: step 4 of the guide."""

import pulumi
import pulumi_aws as aws

from personalize_guardrails.iam import Arn, PolicyDocument
from personalize_permissions._components.access import attach
from personalize_permissions._components.component_base import Given, opened, part, sized
from personalize_permissions._components.service_role import confining_sources
from personalize_permissions._documents import limits
from personalize_permissions._documents.merging import keeps_administration, merged
from personalize_permissions._documents.statements import KeyGrant
from personalize_permissions._runtime.location import Location, Scope
from personalize_permissions._runtime.outputs import after, applied
from personalize_permissions._runtime.ownership import claim
from personalize_permissions._validation import argument_schemas
from personalize_permissions.arguments import PersonalizeKeyAccessArgs
from personalize_permissions.choices import Delivery


class PersonalizeKeyAccess(pulumi.ComponentResource):
    """Lets Amazon Personalize, its service role and people use a KMS key."""

    key_policy: pulumi.Output[str]
    """JSON of the key policy: what is attached, or the statements to add where `key_policy` is `statements`."""

    role_policy: pulumi.Output[str]
    """JSON of the policy that the service role and people got."""

    def __init__(
        self,
        name: str,
        args: PersonalizeKeyAccessArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        scope: Scope | None = None,
    ) -> None:
        given, start = opened(
            self, name, args, argument_schemas.KEY_ACCESS, {f"{name}-people": limits.POLICY_NAME}, scope
        )
        super().__init__("personalize-permissions:index:PersonalizeKeyAccess", name, None, opts)
        scope = start()

        grant = applied(
            lambda *known: _grant(scope, *known), scope.location, given["key_arn"], given.get("dataset_export")
        )
        identity = grant.apply(lambda known: known.for_identity().to_json())
        role_arn = pulumi.Output.from_input(given["service_role_arn"])
        role_policy = aws.iam.RolePolicy(
            f"{name}-role",
            role=role_arn.apply(lambda arn: arn.rsplit("/", 1)[-1]),
            policy=identity,
            opts=part(self),
        )
        done: list[pulumi.Output[object]] = [role_policy.id]
        if any(kind in given for kind in ("users", "groups", "roles")):
            people = aws.iam.Policy(
                f"{name}-people",
                path=given.get("policy_path"),
                description="Lets people use a KMS key with Amazon Personalize",
                policy=identity,
                tags=given.get("tags"),
                opts=part(self),
            )
            done.append(attach(self, f"{name}-people", people.arn, given, scope))
        self.key_policy = after(self._key_policy(name, scope, given, grant, role_arn), *done)
        self.role_policy = after(identity, *done)
        self.register_outputs({"key_policy": self.key_policy, "role_policy": self.role_policy})

    def _key_policy(
        self, name: str, scope: Scope, given: Given, grant: pulumi.Output[KeyGrant], role_arn: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        owner = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
        sources = confining_sources(scope, given)
        ours = applied(lambda grant, role, pinned: grant.for_key(owner, role, pinned), grant, role_arn, sources)
        existing = given.get("existing_policy")
        whole = applied(merged, existing, ours)
        if Delivery(given.get("key_policy", Delivery.ATTACH)) is not Delivery.ATTACH:
            return whole.apply(lambda document: document.to_json())

        # Judged without the role's ARN, which a first preview does not know.
        writable = applied(
            lambda *known: self._writable(name, scope, *known), scope.location, given["key_arn"], existing
        )
        text = applied(lambda known, _: sized(scope, "existing_policy", known, limits.KEY_POLICY), whole, writable)
        policy = aws.kms.KeyPolicy(
            f"{name}-key",
            key_id=writable,  # what the provider reads back; an ARN would show as a change in every preview
            policy=text,
            # Deleting a key policy resets it to the default, and would take the statements of others with it.
            opts=pulumi.ResourceOptions.merge(
                part(self, retain=True),
                # The provider would update in place, and write the policy of the new key onto the old one.
                pulumi.ResourceOptions(replace_on_changes=["keyId"]),
            ),
        )
        return after(text, policy.id)

    def _writable(self, name: str, scope: Scope, place: Location, key_arn: str, existing: str) -> str:
        """Return the id of a key whose policy may be written; raise InvalidArgumentsError for any other."""
        key = Arn.parse(key_arn)
        if (key.partition, key.region, key.account) != (place.partition, place.region, place.account):
            raise scope.refuse(
                ("key_arn",),
                f"is a key of another account or region than {place.account} in {place.region}, where the provider "
                'works; set `key_policy` to "statements" and have the key\'s owner add what it hands out',
            )
        if not keeps_administration(PolicyDocument.parse(existing), place.account):
            raise scope.refuse(
                ("existing_policy",),
                "would lock the account out of the key; keep the statement that allows kms:* to "
                f"arn:{place.partition}:iam::{place.account}:root, and none that denies everybody kms:PutKeyPolicy",
            )
        claim(scope, "key", key_arn, name)
        return key.resource.removeprefix("key/")


def _grant(scope: Scope, place: Location, key_arn: str, exported: bool | None) -> KeyGrant:  # noqa: FBT001 - an argument's value
    if Arn.parse(key_arn).partition != place.partition:
        raise scope.refuse(
            ("key_arn",),
            "is a key of another partition than the provider's, so it is never used; it starts with "
            f"arn:{place.partition}:",
        )
    return KeyGrant(key_arn, bool(exported))
