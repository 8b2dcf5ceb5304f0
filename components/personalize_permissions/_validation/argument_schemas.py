"""The schema of each component's arguments: what `arguments` says of them by type, and which values are right.

An argument of one name has the same validator in every component that takes it.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NotRequired, get_args, get_origin

from personalize_permissions import arguments
from personalize_permissions._documents import limits
from personalize_permissions._validation import arn_validators as arns
from personalize_permissions._validation import combinations
from personalize_permissions._validation import policy_validators as policies
from personalize_permissions._validation import string_validators as strings
from personalize_permissions._validation.policy_validators import ResourcePolicy
from personalize_permissions._validation.report import Validator
from personalize_permissions._validation.validators import (
    Boolean,
    Field,
    Integer,
    ListOf,
    MapOf,
    ObjectSchema,
    OneOf,
    String,
    ValidateTogether,
)
from personalize_permissions.choices import BucketUse, CloudWatchChoice, Delivery, PolicyChoice

_POLICY_ARN: Final = String(arns.policy_arn, "arn")
_ROLE_NAME: Final = String(strings.role_name, "name")
_PATH: Final = String(strings.iam_path)
_TAGS: Final = MapOf(limits.TAGS, String(strings.tag(limits.TAG_KEY)), String(strings.tag(limits.TAG_VALUE)))
_RESOURCE_TAGS: Final = replace(_TAGS, if_none="has no value, and would not limit anything; write one")

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
        "service_role_arn": String(arns.role_arn, "arn"),
        "service_role_name": _ROLE_NAME,
        "name": _ROLE_NAME,
        "path": _PATH,
        "description": String(strings.description),
        "permissions_boundary": _POLICY_ARN,
        "max_session_duration": Integer(*limits.SESSION_SECONDS, "seconds"),
        "source_accounts": ListOf(String(strings.account), '["123456789012"]', at_least_one=True),
        "source_arns": ListOf(
            String(arns.source_arn), '["arn:aws:personalize:us-east-1:123456789012:*"]', at_least_one=True
        ),
        "bucket": String(strings.bucket_name, "bucket"),
        "uses": ListOf(OneOf(BucketUse), '["import", "batch"]', at_least_one=True),
        "prefix": String(strings.prefix),
        "bucket_policy": OneOf(Delivery),
        "key_arn": String(arns.key_arn, "arn"),
        "key_policy": OneOf(Delivery),
        "dataset_export": Boolean(),
        "label": String(strings.label),
        **{
            f"{kind}s": ListOf(String(arns.personalize_arn(kind)), f'["{arns.personalize_example(kind)}"]')
            for kind in ("campaign", "recommender", "filter", "dataset")
        },
        "record_events": Boolean(),
        "key_arns": ListOf(String(arns.key_arn), '["arn:aws:kms:…"]'),
        "confine_to_source": Boolean(),
        "tags": _TAGS,
        "resource_tags": _RESOURCE_TAGS,
    }
)


def _schema(typed: Any, *together: ValidateTogether, **own: Validator) -> ObjectSchema:  # noqa: ANN401 - a TypedDict
    """Return the schema of a type of arguments; `own` are the validators of fields that only this type has."""
    validators = {**_VALIDATORS, **own}
    fields = {
        name: Field(validators[name], name in typed.__required_keys__, _is_static(hint))
        for name, hint in typed.__annotations__.items()
    }
    return ObjectSchema(MappingProxyType(fields), together)


def _is_static(hint: object) -> bool:
    """Return whether a field's type is a plain string, number or choice, which must be known when the program runs."""
    plain = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
    return isinstance(plain, type) and issubclass(plain, str | int | Enum)


PEOPLE: Final = ("users", "groups", "roles")
_OF_BUCKETS: Final[Mapping[str, Validator]] = {
    "existing_policy": ResourcePolicy(policies.bucket_policy),
    "adopt_policy_from": String(strings.resource_of("aws:s3/bucketPolicy:BucketPolicy")),
}
_OF_KEYS: Final[Mapping[str, Validator]] = {
    "existing_policy": ResourcePolicy(policies.key_policy),
    "adopt_policy_from": String(strings.resource_of("aws:kms/keyPolicy:KeyPolicy")),
}
_BUCKET: Final = _schema(arguments.PersonalizeBucket, combinations.check_adoption, **_OF_BUCKETS)
_KEY: Final = _schema(arguments.PersonalizeKey, combinations.check_key_policy, combinations.check_adoption, **_OF_KEYS)
_APPLICATION: Final = _schema(arguments.PersonalizeApplication, combinations.check_application)
_READER: Final = _schema(arguments.PersonalizeReader)
_DATA_SCIENTIST: Final = _schema(arguments.PersonalizeDataScientist)
STATIC_FIELDS: Final = frozenset(
    name
    for entry in (_BUCKET, _KEY, _APPLICATION, _READER, _DATA_SCIENTIST)
    for name, field in entry.fields.items()
    if field.static
)
"""Fields of a list's entry that decide which resources are made: neither outputs nor secret."""
_SERVICE_ROLE: Final = _schema(arguments.ServiceRole)
PERMISSIONS: Final = _schema(
    arguments.PersonalizePermissionsArgs,
    combinations.check_policy_name,
    combinations.check_sources,
    combinations.check_managed_policies,
    combinations.check_service_role,
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
ACCESS: Final = _schema(arguments.PersonalizeAccessArgs, combinations.check_policy_name, combinations.check_passed_role)
SERVICE_ROLE: Final = _schema(
    arguments.PersonalizeServiceRoleArgs, combinations.check_sources, service_role=_SERVICE_ROLE
)
BUCKET_ACCESS: Final = _schema(
    arguments.PersonalizeBucketAccessArgs, combinations.check_adoption, combinations.check_sources, **_OF_BUCKETS
)
KEY_ACCESS: Final = _schema(
    arguments.PersonalizeKeyAccessArgs,
    combinations.check_key_policy,
    combinations.check_adoption,
    combinations.check_sources,
    **_OF_KEYS,
)
APPLICATION_ACCESS: Final = _schema(arguments.PersonalizeApplicationAccessArgs, combinations.check_application)
READER_ACCESS: Final = _schema(arguments.PersonalizeReaderAccessArgs)
DATA_SCIENTIST_ACCESS: Final = _schema(arguments.PersonalizeDataScientistAccessArgs)
