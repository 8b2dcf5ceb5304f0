"""What is right for each argument: the checks of single texts, and the record of each component's arguments."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeGuard

from personalize_guardrails.iam import Arn, MalformedPolicy, PolicyDocument
from personalize_permissions import limits
from personalize_permissions.choices import BucketUse, CloudWatchChoice, Delivery, PolicyChoice
from personalize_permissions.grants import REGIONS
from personalize_permissions.problems import Path, Report
from personalize_permissions.shapes import Advice, Check, Choice, Field, Flag, ListOf, MapOf, Plain, Record, Text, Whole

NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
NAME_RULE: Final = "has characters that IAM does not allow; write letters, digits and any of +=,.@-_"
_PATH: Final = re.compile(r"/|/[\x21-\x7e]+/")
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY_ID: Final = re.compile(r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_DESCRIPTION: Final = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]*")
_TAG: Final = re.compile(r"[\w\s.:/=+@-]*")


def named(what: str, longest: int) -> Check:
    """The check for the name of an IAM entity, `what` with its article."""

    def check(value: str) -> Advice | str | None:
        if not value.strip():
            return f"is empty; write the name of {what}"
        if value.startswith("arn:"):
            return Advice(f"is an ARN; write the name of {what} alone", value.rsplit("/", 1)[-1])
        if not NAME.fullmatch(value):
            return NAME_RULE
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest} in the name of {what}"
        return None

    return check


def iam_path(value: str) -> str | None:
    """An IAM path: a slash at both ends."""
    if len(value) > limits.PATH:
        return f"has {len(value)} characters; AWS allows {limits.PATH} in a path"
    if not _PATH.fullmatch(value) or "//" in value:
        return 'is not an IAM path; write it with a slash at both ends, such as "/service-role/"'
    return None


def description(value: str) -> str | None:
    """The description of a role."""
    if len(value) > limits.DESCRIPTION:
        return f"has {len(value)} characters; AWS allows {limits.DESCRIPTION} in a description"
    return None if _DESCRIPTION.fullmatch(value) else "has characters beyond Latin-1, which IAM does not allow there"


def account(value: str) -> str | None:
    """An AWS account."""
    return (
        None if _ACCOUNT.fullmatch(value) else 'is not an AWS account; write its twelve digits, such as "123456789012"'
    )


def source_arn(value: str) -> str | None:
    """A pattern of Personalize resources of one account."""
    expected = 'write one of Personalize, such as "arn:aws:personalize:us-east-1:123456789012:*"'
    try:
        arn = Arn.parse(value)
    except ValueError as error:
        return f"is not an ARN ({error}); {expected}"
    if arn.service != "personalize":
        return f"is an ARN of another service; {expected}"
    if not _ACCOUNT.fullmatch(arn.account):
        return f"names no single account, so it restricts nothing; {expected}"
    if arn.partition not in PARTITIONS:
        return f"has no AWS partition that offers Personalize; {expected}"
    if not any(character in arn.region for character in "*?") and arn.region not in REGIONS:
        return f"is in a region without Personalize; it is in {', '.join(sorted(REGIONS))}"
    return None


PARTITIONS: Final = ("aws", "aws-cn")
"""The partitions that offer Personalize."""


def bucket_name(value: str) -> Advice | str | None:
    """The name of a bucket."""
    if not value.strip():
        return "is empty; write the name of a bucket"
    if value.startswith("arn:"):
        name = value.rsplit(":::", maxsplit=1)[-1].split("/", 1)[0]
        return Advice("is an ARN; write the bucket's name alone", name)
    if value.startswith("s3://"):
        return Advice("is a URL; write the bucket's name alone", value[5:].split("/", 1)[0])
    if not _BUCKET.fullmatch(value) or ".." in value:
        return "is not a bucket name; it has 3 to 63 lowercase letters, digits, dots and hyphens"
    return None


def prefix(value: str) -> Advice | str | None:
    """The start of object keys."""
    if value.startswith("/"):
        return Advice("starts with a slash, and object keys do not; write it without", value.lstrip("/"))
    if any(mark in value for mark in ("*", "?", "${")):
        return 'has wildcards or variables; write the plain start of the keys, such as "personalize/"'
    return "is longer than an object key can be, 1024" if len(value) > 1024 else None


def key_arn(value: str) -> str | None:
    """The ARN of a KMS key."""
    example = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    expected = f'write the ARN of the key, such as "{example}"'
    if value.startswith("alias/") or ":alias/" in value:
        return f"is an alias, which IAM policies do not follow; {expected}"
    if _KEY_ID.fullmatch(f"key/{value}"):
        return f"is the key's id; {expected}"
    try:
        arn = Arn.parse(value)
    except ValueError as error:
        return f"is not an ARN ({error}); {expected}"
    if arn.service != "kms":
        return f"is an ARN of another service; {expected}"
    if not _ACCOUNT.fullmatch(arn.account) or not arn.region or not _KEY_ID.fullmatch(arn.resource):
        return f"does not name one key; {expected}"
    return None


def _iam_arn(value: str, kind: str, example: str) -> str | None:
    expected = f'write the ARN of {kind}, such as "{example}"'
    try:
        arn = Arn.parse(value)
    except ValueError as error:
        return f"is not an ARN ({error}); {expected}"
    if arn.service != "iam" or not arn.resource.startswith(f"{kind.rsplit(maxsplit=1)[-1]}/"):
        return f"is the ARN of something else; {expected}"
    return None


def policy_arn(value: str) -> str | None:
    """The ARN of a managed policy."""
    return _iam_arn(value, "an IAM policy", "arn:aws:iam::123456789012:policy/boundary")


def role_arn(value: str) -> str | None:
    """The ARN of a role."""
    return _iam_arn(value, "an IAM role", "arn:aws:iam::123456789012:role/personalize")


def resource_policy(value: str) -> str | None:
    """The policy of a bucket or a key as JSON."""
    try:
        policy = PolicyDocument.parse(value)
    except MalformedPolicy as error:
        return f"is not a policy document: {error}; write the JSON that the resource carries now"
    for index, statement in enumerate(policy.statements):
        if not statement.principals and not statement.not_principals:
            return f"has no Principal in Statement[{index}]; write the JSON that the resource carries now"
    return None


def bucket_policy(value: str) -> str | None:
    """The policy of a bucket as JSON, in which S3 takes each Sid once."""
    if found := resource_policy(value):
        return found
    first: dict[str, int] = {}
    for index, statement in enumerate(PolicyDocument.parse(value).statements):
        if statement.sid and (before := first.setdefault(statement.sid, index)) != index:
            return f"has one Sid in Statement[{before}] and Statement[{index}], which S3 refuses; give each its own"
    return None


def label(value: str) -> str | None:
    """A name within the stack."""
    if not value.strip() or "::" in value:
        return 'is not a label; write a short name, such as "training-data"'
    if not NAME.fullmatch(value):
        return f"becomes part of names, and {NAME_RULE}"
    return f"has {len(value)} characters; write 60 at most" if len(value) > 60 else None


def tag_text(longest: int) -> Check:
    """The check for a tag's key or value."""

    def check(value: str) -> str | None:
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest}"
        if value.lower().startswith("aws:"):
            return "starts with aws:, which AWS keeps to itself"
        return None if _TAG.fullmatch(value) else "has characters that AWS does not allow in tags"

    return check


def _names(what: str, longest: int, example: str) -> ListOf:
    return ListOf(Text((named(what, longest),)), example)


_PEOPLE: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "users": Field(_names("a user", limits.USER_NAME, '["alice"]')),
        "groups": Field(_names("a group", limits.GROUP_NAME, '["data-science"]')),
        "roles": Field(_names("a role", limits.ROLE_NAME, '["analyst"]')),
    }
)
_SOURCES: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "source_accounts": Field(ListOf(Text((account,)), '["123456789012"]', at_least_one=True)),
        "source_arns": Field(
            ListOf(Text((source_arn,)), '["arn:aws:personalize:us-east-1:123456789012:*"]', at_least_one=True)
        ),
    }
)
_POLICY: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "policy": Field(Plain(Choice(PolicyChoice))),
        "policy_path": Field(Text((iam_path,))),
        "tags": Field(
            MapOf(limits.TAGS, Text((tag_text(limits.TAG_KEY),)), Text((tag_text(limits.TAG_VALUE),))),
        ),
    }
)
_POLICY_NAME: Final = Field(Text((named("a policy", limits.POLICY_NAME),)))
_CLOUDWATCH: Final = Field(Plain(Choice(CloudWatchChoice)))
_ROLE: Final = Field(
    Record(
        MappingProxyType(
            {
                "name": Field(Text((named("a role", limits.ROLE_NAME),))),
                "path": Field(Text((iam_path,))),
                "description": Field(Text((description,))),
                "permissions_boundary": Field(Text((policy_arn,))),
                "max_session_duration": Field(Whole(*limits.SESSION_SECONDS, "seconds")),
            }
        )
    )
)
_BUCKET_FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "bucket": Field(Text((bucket_name,)), required=True),
        "uses": Field(ListOf(Choice(BucketUse), '["import", "batch"]', at_least_one=True), required=True),
        "prefix": Field(Text((prefix,))),
        "bucket_policy": Field(Plain(Choice(Delivery))),
        "existing_policy": Field(Text((bucket_policy,))),
    }
)
_KEY_FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "key_arn": Field(Text((key_arn,)), required=True),
        "key_policy": Field(Plain(Choice(Delivery))),
        "existing_policy": Field(Text((resource_policy,))),
        "dataset_export": Field(Flag()),
    }
)
_CONFINE: Final = Field(Flag())
_LABEL: Final = Field(Plain(Text((label,))))
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
        if source_arn(arn) is None and Arn.parse(arn).account not in accounts
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
            "service_role_arn": Field(Text((role_arn,))),
        }
    ),
    _access_cross,
)
SERVICE_ROLE: Final = Record(
    MappingProxyType({**_POLICY, **_SOURCES, "service_role": _ROLE, "policy_arn": Field(Text((policy_arn,)))}),
    _sources_cross,
)
BUCKET_ACCESS: Final = Record(
    MappingProxyType(
        {
            **_BUCKET_FIELDS,
            **_SOURCES,
            "service_role_name": Field(Text((named("a role", limits.ROLE_NAME),)), required=True),
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
            "service_role_arn": Field(Text((role_arn,)), required=True),
            "confine_to_source": _CONFINE,
            "policy_path": _POLICY["policy_path"],
            "tags": _POLICY["tags"],
        }
    ),
    _key_access_cross,
)
