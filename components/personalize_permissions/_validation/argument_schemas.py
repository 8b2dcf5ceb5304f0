"""The schema of each component's arguments: what `arguments` says of them by type, and which values are right.

An argument of one name is judged alike in every component that takes it.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NotRequired, TypeGuard, get_args, get_origin

from personalize_guardrails.iam import account_in
from personalize_permissions import arguments
from personalize_permissions._documents import limits
from personalize_permissions._validation import policy_validators as policies
from personalize_permissions._validation import string_validators as strings
from personalize_permissions._validation.policy_validators import ResourcePolicy
from personalize_permissions._validation.report import Path, Report, Validator
from personalize_permissions._validation.validators import (
    Boolean,
    Field,
    Integer,
    ListOf,
    MapOf,
    ObjectSchema,
    OneOf,
    Static,
    String,
    ValidateTogether,
)
from personalize_permissions.choices import BucketUse, CloudWatchChoice, Delivery, PolicyChoice

_POLICY_ARN: Final = String(strings.policy_arn, "arn")
_ROLE_NAME: Final = String(strings.role_name, "name")
_PATH: Final = String(strings.iam_path)
_TAGS: Final = MapOf(limits.TAGS, String(strings.tag(limits.TAG_KEY)), String(strings.tag(limits.TAG_VALUE)))

_VALIDATORS: Final[Mapping[str, Validator]] = MappingProxyType(
    {
        "users": ListOf(String(strings.iam_name("a user", limits.USER_NAME), "name"), '["alice"]'),
        "groups": ListOf(String(strings.iam_name("a group", limits.GROUP_NAME), "name"), '["data-science"]'),
        "roles": ListOf(_ROLE_NAME, '["analyst"]'),
        "managed_policies_quota": Integer(
            limits.MANAGED_POLICIES, max(limits.RAISED_MANAGED_POLICIES.values()), "policies"
        ),
        "policy": OneOf(PolicyChoice),
        "policy_name": String(strings.iam_name("a policy", limits.POLICY_NAME)),
        "policy_path": _PATH,
        "policy_arn": _POLICY_ARN,
        "cloudwatch": OneOf(CloudWatchChoice),
        "service_role_arn": String(strings.role_arn, "arn"),
        "service_role_name": _ROLE_NAME,
        "name": _ROLE_NAME,
        "path": _PATH,
        "description": String(strings.description),
        "permissions_boundary": _POLICY_ARN,
        "max_session_duration": Integer(*limits.SESSION_SECONDS, "seconds"),
        "source_accounts": ListOf(String(strings.account), '["123456789012"]', at_least_one=True),
        "source_arns": ListOf(
            String(strings.source_arn), '["arn:aws:personalize:us-east-1:123456789012:*"]', at_least_one=True
        ),
        "bucket": String(strings.bucket_name, "bucket"),
        "uses": ListOf(OneOf(BucketUse), '["import", "batch"]', at_least_one=True),
        "prefix": String(strings.prefix),
        "bucket_policy": OneOf(Delivery),
        "key_arn": String(strings.key_arn, "arn"),
        "key_policy": OneOf(Delivery),
        "dataset_export": Boolean(),
        "label": String(strings.label),
        **{
            f"{kind}s": ListOf(String(strings.personalize_arn(kind)), f'["{strings.personalize_example(kind)}"]')
            for kind in ("campaign", "recommender", "filter", "dataset")
        },
        "record_events": Boolean(),
        "key_arns": ListOf(String(strings.key_arn), '["arn:aws:kms:…"]'),
        "confine_to_source": Boolean(),
        "tags": _TAGS,
        "resource_tags": _TAGS,
    }
)


def _schema(typed: Any, *together: ValidateTogether, **own: Validator) -> ObjectSchema:  # noqa: ANN401 - a TypedDict
    """Return the schema of a type of arguments; `own` are the validators of fields that only this type has.

    A field that is no input decides which resources there can be, so its value must be known when the program runs.
    """
    validators = {**_VALIDATORS, **own}
    return ObjectSchema(
        MappingProxyType(
            {
                name: Field(
                    Static(validators[name]) if _is_static(hint) else validators[name], name in typed.__required_keys__
                )
                for name, hint in typed.__annotations__.items()
            }
        ),
        together,
    )


def _is_static(hint: object) -> bool:
    """Return whether a field's type is a plain string, number or choice, and no input."""
    plain = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
    return isinstance(plain, type) and issubclass(plain, str | int | Enum)


def _judge_policy_name(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a name for a policy that is not created."""
    if values.get("policy_name") is not None and values.get("policy") == PolicyChoice.MANAGED.value:
        report.add((*path, "policy_name"), "names a policy, but with the managed policy none is made; leave it out")


def _judge_sources(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report ARN patterns of accounts that are not source accounts."""
    accounts, arns = values.get("source_accounts"), values.get("source_arns")
    if _is_list_of_strings(accounts) and _is_list_of_strings(arns):
        for index, reason in source_faults(accounts, arns):
            report.add((*path, "source_arns", index), f"{report.quote(arns[index])} {reason}")


def source_faults(accounts: Sequence[str], arns: Sequence[str]) -> list[tuple[int, str]]:
    """Return the index of each ARN pattern of an account that is not among `accounts`, and what to write."""
    return [
        (
            index,
            "is an ARN of an account that is not a source account, so it never matches; add it to `source_accounts`",
        )
        for index, arn in enumerate(arns)
        if strings.source_arn(arn) is None and account_in(arn) not in accounts
    ]


def _judge_managed_policies(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report more managed policies for each person than AWS allows."""
    keys = values.get("keys")
    cloudwatch = values.get("cloudwatch") not in (None, CloudWatchChoice.NONE.value)
    per_person = 1 + cloudwatch + (len(keys) if _is_list(keys) else 0)
    for people in PEOPLE:
        if values.get(people) and (reason := quota_fault(people, per_person, values.get("managed_policies_quota"))):
            report.add(
                (*path, people), f"get {per_person} managed policies each, one for each key among them; {reason}"
            )


def quota_fault(people: str, attached: int, quota: object) -> str | None:
    """Return what to write where so many managed policies are too many for each of `people`; else None."""
    most = limits.RAISED_MANAGED_POLICIES[people]
    allowed = min(int(quota) if isinstance(quota, int | float) else limits.MANAGED_POLICIES, most)
    if attached <= allowed:
        return None
    groups = "write several groups" if people == "groups" else "write groups in their place"
    more = f", or ask AWS for up to {most} and set `managed_policies_quota`" if allowed < most else ""
    return f"AWS allows {allowed}: {groups}, with a permission set for each, and divide the keys between them{more}"


def _judge_service_role(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report the service role among the people."""
    role, roles = values.get("service_role"), values.get("roles")
    made = role.get("name") if isinstance(role, Mapping) else None
    for index, name in enumerate(roles if _is_list(roles) else ()):
        if isinstance(name, str) and isinstance(made, str) and name.casefold() == made.casefold():
            report.add(
                (*path, "roles", index),
                f"{report.quote(name)} is the service role, which has its policy already; leave it out",
            )


def _judge_passed_role(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a role to pass that is missing, or has no effect."""
    least, given = values.get("policy") == PolicyChoice.LEAST_PRIVILEGE.value, values.get("service_role_arn")
    if least and given is None:
        report.add((*path, "service_role_arn"), "is missing; least-privilege lets people pass this role only")
    if not least and given is not None:
        report.add((*path, "service_role_arn"), "has no effect here; it goes with `policy` least-privilege")


def _judge_key_policy(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a key policy that would replace one that is not given."""
    attach = values.get("key_policy") in (None, Delivery.ATTACH.value)
    if attach and values.get("existing_policy") is None:
        report.add(
            (*path, "existing_policy"),
            "is missing; attaching replaces the key's whole policy, so write the JSON of the policy that it has "
            '(aws kms get-key-policy), or set `key_policy` to "statements" and add what it hands out yourself',
        )


def _judge_application(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report an application that is granted nothing."""
    if not any(map(values.get, ("campaigns", "recommenders", "datasets", "record_events"))):
        report.add((*path, "campaigns"), NOTHING_GRANTED)


NOTHING_GRANTED: Final = (
    "is empty, and so are `recommenders` and `datasets`, and `record_events` is not true: the application could do "
    "nothing; write at least one of them"
)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_list_of_strings(value: object) -> TypeGuard[Sequence[str]]:
    return _is_list(value) and all(isinstance(item, str) for item in value)


PEOPLE: Final = ("users", "groups", "roles")
_BUCKET_POLICY: Final = ResourcePolicy(policies.bucket_policy)
_KEY_POLICY: Final = ResourcePolicy(policies.key_policy)
_BUCKET: Final = _schema(arguments.PersonalizeBucket, existing_policy=_BUCKET_POLICY)
_KEY: Final = _schema(arguments.PersonalizeKey, _judge_key_policy, existing_policy=_KEY_POLICY)
_APPLICATION: Final = _schema(arguments.PersonalizeApplication, _judge_application)
_READER: Final = _schema(arguments.PersonalizeReader)
_DATA_SCIENTIST: Final = _schema(arguments.PersonalizeDataScientist)
STATIC_FIELDS: Final = frozenset(
    name
    for entry in (_BUCKET, _KEY, _APPLICATION, _READER, _DATA_SCIENTIST)
    for name, field in entry.fields.items()
    if isinstance(field.validator, Static)
)
"""Fields of a list's entry that decide which resources are made: neither outputs nor secret."""
_SERVICE_ROLE: Final = _schema(arguments.ServiceRole)
PERMISSIONS: Final = _schema(
    arguments.PersonalizePermissionsArgs,
    _judge_policy_name,
    _judge_sources,
    _judge_managed_policies,
    _judge_service_role,
    service_role=_SERVICE_ROLE,
    buckets=ListOf(_BUCKET, '[{"bucket": "training-data", "uses": ["import"]}]', unique="bucket"),
    keys=ListOf(_KEY, '[{"key_arn": "arn:aws:kms:…", "existing_policy": "{…}"}]', unique="key_arn"),
    applications=ListOf(
        _APPLICATION,
        '[{"label": "storefront", "roles": ["storefront"], "campaigns": ["arn:aws:personalize:…"]}]',
        unique="label",
    ),
    readers=ListOf(_READER, '[{"label": "auditors", "groups": ["auditors"]}]', unique="label"),
    data_scientists=ListOf(_DATA_SCIENTIST, '[{"label": "search", "groups": ["data-science"]}]', unique="label"),
)
ACCESS: Final = _schema(arguments.PersonalizeAccessArgs, _judge_policy_name, _judge_passed_role)
SERVICE_ROLE: Final = _schema(arguments.PersonalizeServiceRoleArgs, _judge_sources, service_role=_SERVICE_ROLE)
BUCKET_ACCESS: Final = _schema(arguments.PersonalizeBucketAccessArgs, _judge_sources, existing_policy=_BUCKET_POLICY)
KEY_ACCESS: Final = _schema(
    arguments.PersonalizeKeyAccessArgs, _judge_key_policy, _judge_sources, existing_policy=_KEY_POLICY
)
APPLICATION_ACCESS: Final = _schema(arguments.PersonalizeApplicationAccessArgs, _judge_application)
READER_ACCESS: Final = _schema(arguments.PersonalizeReaderAccessArgs)
DATA_SCIENTIST_ACCESS: Final = _schema(arguments.PersonalizeDataScientistAccessArgs)
