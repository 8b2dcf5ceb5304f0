"""The whole permission set, composed of one component per step of the guide."""

from collections.abc import Mapping
from typing import Any

import pulumi

from personalize_permissions._components.access import PersonalizeAccess
from personalize_permissions._components.bucket_access import PersonalizeBucketAccess
from personalize_permissions._components.component_base import Given, in_record, opened
from personalize_permissions._components.key_access import PersonalizeKeyAccess
from personalize_permissions._components.service_role import PersonalizeServiceRole
from personalize_permissions._documents import limits
from personalize_permissions._runtime.location import Scope
from personalize_permissions._runtime.outputs import after, applied, joined
from personalize_permissions._runtime.resource_names import key_name, register_list
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.report import Entry
from personalize_permissions.arguments import PersonalizePermissionsArgs
from personalize_permissions.choices import PolicyChoice

_PEOPLE = ("users", "groups", "roles")
_SOURCES = ("source_accounts", "source_arns")


class PersonalizePermissions(pulumi.ComponentResource):
    """Everything of AWS's "Setting up permissions" for Amazon Personalize.

    People (users, groups, roles) get the policy to use Personalize; a service role is made that Personalize can assume
    on behalf of the given accounts and resources only; buckets and KMS keys are opened on both sides.
    """

    service_role_arn: pulumi.Output[str]
    """ARN of the role that Personalize assumes; resolves once everything that the role needs is attached."""
    service_role_name: pulumi.Output[str]
    """Name of the role that Personalize assumes; resolves once everything that the role needs is attached."""
    policy_arn: pulumi.Output[str]
    """ARN of the policy that people got."""
    trust_policy: pulumi.Output[str]
    """JSON of the role's trust policy."""
    bucket_policies: pulumi.Output[dict[str, str]]
    """JSON of each bucket's policy, by the bucket's name: what is attached, or the statements to add."""
    key_policies: pulumi.Output[dict[str, str]]
    """JSON of each key's policy, by the key's ARN: what is attached, or the statements to add."""

    def __init__(
        self,
        name: str,
        args: PersonalizePermissionsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        service_role = args.get("service_role") if isinstance(args, Mapping) else None
        generated = {} if in_record(service_role, "name") else {f"{name}-service-role": limits.ROLE_NAME}
        given, start = opened(self, name, args, argument_schemas.PERMISSIONS, generated, None)
        super().__init__("personalize-permissions:index:PersonalizePermissions", name, None, opts)
        scope = start()

        access, role = self._people_and_role(name, given, scope)
        buckets = register_list(
            given.get("buckets"),
            lambda bucket: bucket.get("label") or bucket["bucket"],
            lambda label, bucket: self._bucket(name, label, bucket, given, role, scope),
            scope,
            single="buckets",
        )
        keys = register_list(
            given.get("keys"),
            lambda key: key.get("label") or _named_by_arn(key["key_arn"]),
            lambda label, key: self._key(name, label, key, given, role, scope),
            scope,
            single="keys",
        )
        opened_all = applied(lambda *known: _fits_the_role(scope, *known), buckets, keys)
        self.service_role_arn = after(role.role_arn, opened_all)
        self.service_role_name = after(role.role_name, opened_all)
        self.policy_arn = access.policy_arn
        self.trust_policy = role.trust_policy
        self.bucket_policies = buckets.apply(lambda known: _policies(scope, "buckets", known))
        self.key_policies = keys.apply(lambda known: _policies(scope, "keys", known))
        self.register_outputs(
            {
                "service_role_arn": self.service_role_arn,
                "service_role_name": self.service_role_name,
                "policy_arn": self.policy_arn,
                "trust_policy": self.trust_policy,
                "bucket_policies": self.bucket_policies,
                "key_policies": self.key_policies,
            }
        )

    def _people_and_role(
        self, name: str, given: Given, scope: Scope
    ) -> tuple[PersonalizeAccess, PersonalizeServiceRole]:
        child = pulumi.ResourceOptions(parent=self)
        for_people = _only(given, *_PEOPLE, "policy", "policy_name", "policy_path", "cloudwatch", "tags")
        for_role = _only(given, *_SOURCES, "service_role", "policy", "policy_path", "tags")

        if given.get("policy") == PolicyChoice.LEAST_PRIVILEGE.value:
            role = PersonalizeServiceRole(f"{name}-service", for_role, child, scope=scope)
            for_people["service_role_arn"] = role.role_arn
            return PersonalizeAccess(f"{name}-access", for_people, child, scope=scope), role
        access = PersonalizeAccess(f"{name}-access", for_people, child, scope=scope)
        for_role["policy_arn"] = access.policy_arn
        return access, PersonalizeServiceRole(f"{name}-service", for_role, child, scope=scope)

    def _bucket(
        self, name: str, label: str, bucket: dict[str, Any], given: Given, role: PersonalizeServiceRole, scope: Scope
    ) -> pulumi.Output[list[str]]:
        access = PersonalizeBucketAccess(
            f"{name}-{label}",
            _only(bucket, "bucket", "uses", "prefix", "bucket_policy", "existing_policy")
            | _only(given, *_SOURCES, "confine_to_source")
            | {"service_role_name": role.role_name},
            pulumi.ResourceOptions(parent=self),
            scope=scope.within("buckets", Entry(label)),
        )
        return joined(bucket["bucket"], access.bucket_policy, access.role_policy)

    def _key(
        self, name: str, label: str, key: dict[str, Any], given: Given, role: PersonalizeServiceRole, scope: Scope
    ) -> pulumi.Output[list[str]]:
        access = PersonalizeKeyAccess(
            f"{name}-{label}",
            _only(key, "key_arn", "key_policy", "existing_policy", "dataset_export")
            | _only(given, *_PEOPLE, *_SOURCES, "confine_to_source", "policy_path", "tags")
            | {"service_role_arn": role.role_arn},
            pulumi.ResourceOptions(parent=self),
            scope=scope.within("keys", Entry(label)),
        )
        return joined(key["key_arn"], access.key_policy, access.role_policy)


def _only(values: Mapping[str, Any], *names: str) -> Any:  # noqa: ANN401 - a part of one component's arguments is another's
    return {name: values[name] for name in names if values.get(name) is not None}


def _named_by_arn(key_arn: str | pulumi.Output[str]) -> pulumi.Input[str]:
    return key_arn.apply(key_name) if isinstance(key_arn, pulumi.Output) else key_name(key_arn)


def _policies(scope: Scope, argument: str, opened: list[list[str]]) -> dict[str, str]:
    policies: dict[str, str] = {}
    for index, (of, policy, _) in enumerate(opened):
        if of in policies:
            raise scope.refuse(
                (argument, index), "stands in the list before, with another label; write one entry for it"
            )
        policies[of] = policy
    return policies


def _fits_the_role(scope: Scope, buckets: list[list[str]], keys: list[list[str]]) -> bool:
    """Refuse what AWS would: the inline policies of one role have a quota together."""
    total = sum(len(role_policy) for _, _, role_policy in (*buckets, *keys))
    if total > limits.ROLE_INLINE_TOTAL:
        raise scope.refuse(
            ("buckets",),
            f"and `keys` give the service role inline policies of {total} characters together; AWS allows "
            f"{limits.ROLE_INLINE_TOTAL}: divide them between permission sets",
        )
    return True
