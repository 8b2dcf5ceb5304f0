"""The whole permission set, composed of one component per step of the guide."""

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar, Unpack

import pulumi

from personalize_permissions._components.access import PersonalizeAccess
from personalize_permissions._components.application_access import PersonalizeApplicationAccess
from personalize_permissions._components.bucket_access import PersonalizeBucketAccess
from personalize_permissions._components.component_base import (
    NO_ARGUMENTS,
    Component,
    ValidatedArgs,
    get_field,
    map_input,
    schema_of,
)
from personalize_permissions._components.data_scientist_access import PersonalizeDataScientistAccess
from personalize_permissions._components.key_access import PersonalizeKeyAccess
from personalize_permissions._components.policy_map import PolicyMap
from personalize_permissions._components.reader_access import PersonalizeReaderAccess
from personalize_permissions._components.service_role import PersonalizeServiceRole
from personalize_permissions._documents import limits
from personalize_permissions._runtime.outputs import combine, gather, resolve_after
from personalize_permissions._runtime.resource_names import key_name, register_list
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.report import Entry, Path
from personalize_permissions.arguments import PersonalizePermissionsArgs
from personalize_permissions.choices import PolicyChoice

Child = TypeVar("Child", bound=Component)


class PersonalizePermissions(Component):
    """Everything of AWS's "Setting up permissions" for Amazon Personalize.

    People (users, groups, roles) get the policy to use Personalize; a service role is made that Personalize can assume
    on behalf of the given accounts and resources only; buckets and KMS keys are opened on both sides. Applications,
    readers and data scientists get less than people.
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
    _schema = argument_schemas.PERMISSIONS

    def __init__(
        self,
        name: str,
        args: PersonalizePermissionsArgs = NO_ARGUMENTS,
        opts: pulumi.ResourceOptions | None = None,
        **keywords: Unpack[PersonalizePermissionsArgs],
    ) -> None:
        given = self._either(name, args, keywords)
        named = get_field(get_field(given, "service_role"), "name")
        generated = {} if named else {"service-role": limits.ROLE_NAME}
        super().__init__(name, given, opts, generated | dict.fromkeys(_policies_of_entries(given), limits.POLICY_NAME))
        access, role = self._people_and_role(name)
        buckets = register_list(
            self._args.get("buckets"),
            lambda bucket: bucket.get("label") or bucket["bucket"],
            partial(self._bucket, name, role),
            self._scope,
            single="buckets",
        )
        keys = register_list(
            self._args.get("keys"),
            lambda key: key.get("label") or map_input(key["key_arn"], key_name),
            partial(self._key, name, role),
            self._scope,
            single="keys",
        )
        self._identities(name, "applications", PersonalizeApplicationAccess)
        self._identities(name, "readers", PersonalizeReaderAccess)
        key_arns = map_input(self._args.get("keys", []), lambda entries: [key["key_arn"] for key in entries or ()])
        self._identities(
            name,
            "data_scientists",
            PersonalizeDataScientistAccess,
            service_role_arn=role.role_arn,
            key_arns=key_arns,
        )
        attached = combine(self._within_role_quota, buckets, keys)
        self.service_role_arn = resolve_after(role.role_arn, attached)
        self.service_role_name = resolve_after(role.role_name, attached)
        self.policy_arn = access.policy_arn
        self.trust_policy = role.trust_policy
        self.bucket_policies = combine(lambda known: self._by_resource("buckets", "bucket_policies", known), buckets)
        self.key_policies = combine(lambda known: self._by_resource("keys", "key_policies", known), keys)
        self._register_outputs()

    def _people_and_role(self, name: str) -> tuple[PersonalizeAccess, PersonalizeServiceRole]:
        """Register the people's access and the service role: first the one whose ARN the other needs."""
        access = partial(self._add_child, PersonalizeAccess, f"{name}-access", self._args)
        service_role = partial(self._add_child, PersonalizeServiceRole, f"{name}-service", self._args)
        if self._args.get("policy") == PolicyChoice.LEAST_PRIVILEGE.value:
            role = service_role()
            return access({"service_role_arn": role.role_arn}), role
        people = access()
        return people, service_role({"policy_arn": people.policy_arn})

    def _bucket(
        self, name: str, role: PersonalizeServiceRole, label: str, bucket: Mapping[str, Any]
    ) -> pulumi.Output[list[str]]:
        """Register one bucket's access; return its label, its name and its policy."""
        own, path = {"service_role_name": role.role_name}, ("buckets", Entry(label))
        access = self._add_child(PersonalizeBucketAccess, f"{name}-{label}", self._args, bucket, own, path=path)
        return _entry(label, bucket["bucket"], access.bucket_policy, access.role_policy)

    def _key(
        self, name: str, role: PersonalizeServiceRole, label: str, key: Mapping[str, Any]
    ) -> pulumi.Output[list[str]]:
        """Register one key's access; return its label, its ARN and its policy."""
        own, path = {"service_role_arn": role.role_arn}, ("keys", Entry(label))
        access = self._add_child(PersonalizeKeyAccess, f"{name}-{label}", self._args, key, own, path=path)
        return _entry(label, key["key_arn"], access.key_policy, access.role_policy)

    def _identities(
        self,
        name: str,
        argument: str,
        component: type[PersonalizeApplicationAccess | PersonalizeReaderAccess | PersonalizeDataScientistAccess],
        **own: Any,  # noqa: ANN401 - an argument's value
    ) -> None:
        """Register what each entry of `argument` grants, a component each."""
        # Each entry names its own people.
        shared = {field: value for field, value in self._args.items() if field not in argument_schemas.PEOPLE}

        def register(label: str, entry: Mapping[str, Any]) -> pulumi.Output[str]:
            made = self._add_child(component, f"{name}-{label}", shared, entry, own, path=(argument, Entry(label)))
            return made.policy_arn

        register_list(self._args.get(argument), lambda entry: entry["label"], register, self._scope, single=argument)

    def _add_child(self, component: type[Child], name: str, *values: Mapping[str, Any], path: Path = ()) -> Child:
        """Register a child component with the arguments that its schema takes of `values`."""
        args = ValidatedArgs(schema_of(component).select(*values), self._scope.within(*path))
        return component(name, args, pulumi.ResourceOptions(parent=self))

    def _by_resource(self, argument: str, output: str, entries: list[list[str]]) -> dict[str, str]:
        """Return policies by bucket or key; InvalidArgumentsError where two entries are about one."""
        policies: dict[str, str] = {}
        for index, (_, resource, policy, _) in enumerate(entries):
            if resource in policies:
                raise self._scope.refuse(
                    (argument, index), "duplicates an entry before it under another label; write one entry for both"
                )
            policies[resource] = policy
        return PolicyMap(output, policies, {label: resource for label, resource, *_ in entries})

    def _within_role_quota(self, buckets: list[list[str]], keys: list[list[str]]) -> bool:
        """Refuse what AWS would: the inline policies of one role have a quota together."""
        total = sum(len(role_policy) for *_, role_policy in (*buckets, *keys))
        if total > limits.ROLE_INLINE_TOTAL:
            raise self._scope.refuse(
                ("buckets",),
                f"need, together with `keys`, inline policies of {total} characters on the service role; AWS allows "
                f"{limits.ROLE_INLINE_TOTAL}; divide buckets and keys between permission sets",
            )
        return True


_POLICIES: Final = MappingProxyType(
    {"buckets": "role", "keys": "people", "applications": "policy", "readers": "policy", "data_scientists": "policy"}
)
"""By list, how the name of the policy of an entry ends."""


def _policies_of_entries(args: object) -> Iterator[str]:
    """Yield how the names of policies go on after the component's own, for entries whose labels are plain."""
    for argument, suffix in _POLICIES.items():
        entries = get_field(args, argument)
        for entry in entries if isinstance(entries, list | tuple) else ():
            if isinstance(label := get_field(entry, "label"), str):
                yield f"{label}-{suffix}"


def _entry(
    label: str, resource: pulumi.Input[str], policy: pulumi.Output[str], role_policy: pulumi.Output[str]
) -> pulumi.Output[list[str]]:
    """Return what an entry's component gives, depending on the role's policy alone.

    So what is given the role's ARN is deleted before the role loses a permission, and is not replaced with the policy
    of a bucket or key.
    """
    return gather(label, resource, policy, role_policy, depends_on=[role_policy])
