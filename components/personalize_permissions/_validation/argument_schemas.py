"""What is right for each argument: the record of each component's arguments, and what they must agree on."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeGuard

from personalize_guardrails.iam import Arn
from personalize_permissions._documents import limits
from personalize_permissions._validation import string_validators
from personalize_permissions._validation.report import Path, Report
from personalize_permissions._validation.validators import (
    Choice,
    Field,
    Flag,
    ListOf,
    MapOf,
    Plain,
    Record,
    Text,
    Whole,
)
from personalize_permissions.choices import BucketUse, CloudWatchChoice, Delivery, PolicyChoice


def _names(what: str, longest: int, example: str) -> ListOf:
    return ListOf(Text((string_validators.named(what, longest),)), example)


_PEOPLE: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "users": Field(_names("a user", limits.USER_NAME, '["alice"]')),
        "groups": Field(_names("a group", limits.GROUP_NAME, '["data-science"]')),
        "roles": Field(_names("a role", limits.ROLE_NAME, '["analyst"]')),
    }
)
_SOURCES: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "source_accounts": Field(ListOf(Text((string_validators.account,)), '["123456789012"]', at_least_one=True)),
        "source_arns": Field(
            ListOf(
                Text((string_validators.source_arn,)),
                '["arn:aws:personalize:us-east-1:123456789012:*"]',
                at_least_one=True,
            )
        ),
    }
)
_POLICY: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "policy": Field(Plain(Choice(PolicyChoice))),
        "policy_path": Field(Text((string_validators.iam_path,))),
        "tags": Field(
            MapOf(
                limits.TAGS,
                Text((string_validators.tag_text(limits.TAG_KEY),)),
                Text((string_validators.tag_text(limits.TAG_VALUE),)),
            ),
        ),
    }
)
_POLICY_NAME: Final = Field(Text((string_validators.named("a policy", limits.POLICY_NAME),)))
_CLOUDWATCH: Final = Field(Plain(Choice(CloudWatchChoice)))
_ROLE: Final = Field(
    Record(
        MappingProxyType(
            {
                "name": Field(Text((string_validators.named("a role", limits.ROLE_NAME),))),
                "path": Field(Text((string_validators.iam_path,))),
                "description": Field(Text((string_validators.description,))),
                "permissions_boundary": Field(Text((string_validators.policy_arn,))),
                "max_session_duration": Field(Whole(*limits.SESSION_SECONDS, "seconds")),
            }
        )
    )
)
_BUCKET_FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "bucket": Field(Text((string_validators.bucket_name,)), required=True),
        "uses": Field(ListOf(Choice(BucketUse), '["import", "batch"]', at_least_one=True), required=True),
        "prefix": Field(Text((string_validators.prefix,))),
        "bucket_policy": Field(Plain(Choice(Delivery))),
        "existing_policy": Field(Text((string_validators.bucket_policy,))),
    }
)
_KEY_FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "key_arn": Field(Text((string_validators.key_arn,)), required=True),
        "key_policy": Field(Plain(Choice(Delivery))),
        "existing_policy": Field(Text((string_validators.resource_policy,))),
        "dataset_export": Field(Flag()),
    }
)
_CONFINE: Final = Field(Flag())
_LABEL: Final = Field(Plain(Text((string_validators.label,))))
DECIDING: Final = frozenset(
    name for name, field in {**_BUCKET_FIELDS, **_KEY_FIELDS, "label": _LABEL}.items() if isinstance(field.shape, Plain)
)
"""Fields of a bucket's or key's entry that decide which resources are made: neither outputs nor secret."""


def _policy_cross(values: Mapping[str, object], path: Path, report: Report) -> None:
    if values.get("policy_name") is not None and values.get("policy") == PolicyChoice.MANAGED.value:
        report.add((*path, "policy_name"), "names a policy, but with the managed policy none is made; leave it out")
    _sources_cross(values, path, report)
    keys = values.get("keys")
    per_person = _policies_per_person(values, len(keys) if _is_list(keys) else 0)
    if per_person > limits.MANAGED_POLICIES_PER_PRINCIPAL and any(values.get(name) for name in _PEOPLE):
        report.add(
            (*path, "keys"),
            f"would attach {per_person} managed policies to each user, group and role, one for each key among them; "
            f"AWS allows {limits.MANAGED_POLICIES_PER_PRINCIPAL}: divide the keys between permission sets",
        )


def _permissions_cross(values: Mapping[str, object], path: Path, report: Report) -> None:
    _policy_cross(values, path, report)
    role, roles = values.get("service_role"), values.get("roles")
    made = role.get("name") if isinstance(role, Mapping) else None
    for index, name in enumerate(roles if _is_list(roles) else ()):
        if isinstance(name, str) and isinstance(made, str) and name.casefold() == made.casefold():
            report.add(
                (*path, "roles", index),
                f"{report.quote(name)} is the service role, which has its policy already; leave it out",
            )


def _policies_per_person(values: Mapping[str, object], keys: int) -> int:
    cloudwatch = values.get("cloudwatch") not in (None, CloudWatchChoice.NONE.value)
    return 1 + cloudwatch + keys


def _access_cross(values: Mapping[str, object], path: Path, report: Report) -> None:
    _policy_cross(values, path, report)
    least, given = values.get("policy") == PolicyChoice.LEAST_PRIVILEGE.value, values.get("service_role_arn")
    if least and given is None:
        report.add((*path, "service_role_arn"), "is missing; least-privilege lets people pass this role only")
    if not least and given is not None:
        report.add((*path, "service_role_arn"), "has no effect here; it goes with `policy` least-privilege")


def _key_cross(values: Mapping[str, object], path: Path, report: Report) -> None:
    attach = values.get("key_policy") in (None, Delivery.ATTACH.value)
    if attach and values.get("existing_policy") is None:
        report.add(
            (*path, "existing_policy"),
            "is missing; attaching replaces the key's whole policy, so write the JSON of the policy that it has "
            '(aws kms get-key-policy), or set `key_policy` to "statements" and add what it hands out yourself',
        )


def source_faults(accounts: Sequence[str], arns: Sequence[str]) -> list[tuple[int, str]]:
    """ARN patterns of accounts that are not among `accounts`: the index of each, and what to write."""
    return [
        (
            index,
            "is an ARN of an account that is not a source account, so it never matches; add it to `source_accounts`",
        )
        for index, arn in enumerate(arns)
        if string_validators.source_arn(arn) is None and Arn.parse(arn).account not in accounts
    ]


def _sources_cross(values: Mapping[str, object], path: Path, report: Report) -> None:
    accounts, arns = values.get("source_accounts"), values.get("source_arns")
    if _is_plain_texts(accounts) and _is_plain_texts(arns):
        for index, reason in source_faults(accounts, arns):
            report.add((*path, "source_arns", index), f"{report.quote(arns[index])} {reason}")


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_plain_texts(value: object) -> TypeGuard[Sequence[str]]:
    return _is_list(value) and all(isinstance(item, str) for item in value)


PERMISSIONS: Final = Record(
    MappingProxyType(
        {
            **_PEOPLE,
            **_POLICY,
            **_SOURCES,
            "policy_name": _POLICY_NAME,
            "cloudwatch": _CLOUDWATCH,
            "service_role": _ROLE,
            "buckets": Field(
                ListOf(
                    Record(MappingProxyType({**_BUCKET_FIELDS, "label": _LABEL})),
                    '[{"bucket": "training-data", "uses": ["import"]}]',
                    unique="bucket",
                )
            ),
            "keys": Field(
                ListOf(
                    Record(MappingProxyType({**_KEY_FIELDS, "label": _LABEL}), _key_cross),
                    '[{"key_arn": "arn:aws:kms:…", "existing_policy": "{…}"}]',
                    unique="key_arn",
                )
            ),
            "confine_to_source": _CONFINE,
        }
    ),
    _permissions_cross,
)
ACCESS: Final = Record(
    MappingProxyType(
        {
            **_PEOPLE,
            **_POLICY,
            "policy_name": _POLICY_NAME,
            "cloudwatch": _CLOUDWATCH,
            "service_role_arn": Field(Text((string_validators.role_arn,))),
        }
    ),
    _access_cross,
)
SERVICE_ROLE: Final = Record(
    MappingProxyType(
        {**_POLICY, **_SOURCES, "service_role": _ROLE, "policy_arn": Field(Text((string_validators.policy_arn,)))}
    ),
    _sources_cross,
)
BUCKET_ACCESS: Final = Record(
    MappingProxyType(
        {
            **_BUCKET_FIELDS,
            **_SOURCES,
            "service_role_name": Field(Text((string_validators.named("a role", limits.ROLE_NAME),)), required=True),
            "confine_to_source": _CONFINE,
        }
    ),
    _sources_cross,
)


def _key_access_cross(values: Mapping[str, object], path: Path, report: Report) -> None:
    _key_cross(values, path, report)
    _sources_cross(values, path, report)


KEY_ACCESS: Final = Record(
    MappingProxyType(
        {
            **_KEY_FIELDS,
            **_PEOPLE,
            **_SOURCES,
            "service_role_arn": Field(Text((string_validators.role_arn,)), required=True),
            "confine_to_source": _CONFINE,
            "policy_path": _POLICY["policy_path"],
            "tags": _POLICY["tags"],
        }
    ),
    _key_access_cross,
)
