"""Validators of single texts: each returns what is wrong with a text and what to write, or None."""

import re
from typing import Final

from personalize_guardrails.iam import Arn, MalformedPolicy, PolicyDocument, is_account_id
from personalize_permissions._documents import limits
from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._validation.validators import Advice, StringValidator

NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
NAME_RULE: Final = "has characters that IAM does not allow; write letters, digits and any of +=,.@-_"
_PATH: Final = re.compile(r"/|/[\x21-\x7e]+/")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY_ID: Final = re.compile(r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_DESCRIPTION: Final = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]*")
_TAG: Final = re.compile(r"[\w\s.:/=+@-]*")


def iam_name(what: str, longest: int) -> StringValidator:
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
    return None if is_account_id(value) else 'is not an AWS account; write its twelve digits, such as "123456789012"'


def source_arn(value: str) -> str | None:
    """A pattern of Personalize resources of one account."""
    expected = 'write one of Personalize, such as "arn:aws:personalize:us-east-1:123456789012:*"'
    arn = _arn_of("personalize", value, expected)
    if isinstance(arn, str):
        return arn
    if not is_account_id(arn.account):
        return f"names no single account, so it restricts nothing; {expected}"
    return _outside_personalize(arn, expected)


def _outside_personalize(arn: Arn, expected: str) -> str | None:
    """What is wrong with an ARN of a partition or region without Personalize."""
    if arn.partition not in PARTITIONS:
        return f"has no AWS partition that offers Personalize; {expected}"
    if not any(character in arn.region for character in "*?") and arn.region not in REGIONS:
        return f"is in a region without Personalize; it is in {', '.join(sorted(REGIONS))}"
    return None


def personalize_arn(kind: str) -> StringValidator:
    """The check for the ARN of a `campaign`, a `filter` and so on, or a pattern of their names."""

    def check(value: str) -> str | None:
        expected = f'write the ARN of a {kind}, such as "{personalize_example(kind)}"'
        arn = _arn_of("personalize", value, expected)
        if isinstance(arn, str):
            return arn
        path, _, name = arn.resource.partition("/")
        if path != kind or not name:
            return f"is not the ARN of a {kind}; {expected}"
        if not _RESOURCE_NAME.fullmatch(name):
            return f"has characters that no {kind} has in its name; {expected}"
        if not is_account_id(arn.account):
            return f"names no single account; {expected}"
        return _outside_personalize(arn, expected)

    return check


def personalize_example(kind: str) -> str:
    """An ARN of a type of resource, to show."""
    return f"arn:aws:personalize:us-east-1:123456789012:{kind}/shop" + ("/ITEMS" if kind == "dataset" else "")


_RESOURCE_NAME: Final = re.compile(r"[\w/*?-]+", re.ASCII)


def _arn_of(service: str, value: str, expected: str) -> Arn | str:
    """The ARN, or what is wrong with it."""
    try:
        arn = Arn.parse(value)
    except ValueError as error:
        return f"is not an ARN ({error}); {expected}"
    return arn if arn.service == service else f"is an ARN of another service; {expected}"


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
    arn = _arn_of("kms", value, expected)
    if isinstance(arn, str):
        return arn
    if not is_account_id(arn.account) or not arn.region or not _KEY_ID.fullmatch(arn.resource):
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


def tag(longest: int) -> StringValidator:
    """The check for a tag's key or value."""

    def check(value: str) -> str | None:
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest}"
        if value.lower().startswith("aws:"):
            return "starts with aws:, which AWS keeps to itself"
        return None if _TAG.fullmatch(value) else "has characters that AWS does not allow in tags"

    return check
