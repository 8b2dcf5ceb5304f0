"""Validators of single texts: each returns what is wrong with a text and what to write, or None."""

import re
from typing import Final

from personalize_guardrails.iam import Arn, is_account_id
from personalize_permissions._documents import limits
from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._validation.validators import Advice, StringValidator

NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
NAME_RULE: Final = "has characters that IAM does not allow; write letters, digits and any of +=,.@-_"
_PATH: Final = re.compile(r"/|/[\x21-\x7e]+/")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY_ID: Final = re.compile(r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_DESCRIPTION: Final = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]+")
_IN_POLICIES: Final = re.compile(r"[\x20-\xff]+")
"""What IAM takes in a policy document. API Reference of IAM, "PutRolePolicy"."""
_TAG: Final = re.compile(r"[\w\s.:/=+@-]+")


def such_as(reason: str, example: str) -> Advice:
    """Return the reason with an example of what to write, made from the text."""
    return Advice(reason, f', such as "{example}"')


def _only(allowed: re.Pattern[str], value: str, rule: str) -> Advice | None:
    """Return the rule, with the first character that is not allowed; None where every one is."""
    match = allowed.match(value)
    rest = value[match.end() if match else 0 :]
    return Advice(rule, f', in place of "{rest[0]}"') if rest else None


def iam_name(what: str, longest: int) -> StringValidator:
    """The check for the name of an IAM entity, `what` with its article."""

    def check(value: str) -> Advice | str | None:
        if not value.strip():
            return f"is empty; write the name of {what}"
        if value.startswith("arn:"):
            parts = value.split("/")  # that of a session ends in the session's name
            return such_as(f"is an ARN; write the name of {what} alone", parts["assumed-role" in parts[0] or -1])
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest} in the name of {what}"
        return _only(NAME, value, NAME_RULE)

    return check


_ROLE_NAME: Final = iam_name("a role", limits.ROLE_NAME)


def role_name(value: str) -> Advice | str | None:
    """The name of a role that AWS does not keep to itself."""
    if value.casefold().startswith("awsreservedsso_"):
        return (
            "is a role of IAM Identity Center, which IAM does not let anybody change; leave it out, and name the "
            "policy (`policy_name`) in the permission set of Identity Center"
        )
    if value.casefold().startswith("awsservicerolefor"):
        return "is a service-linked role, which only its service can change; write another role"
    return _ROLE_NAME(value)


def iam_path(value: str) -> str | None:
    """An IAM path: a slash at both ends."""
    if len(value) > limits.PATH:
        return f"has {len(value)} characters; AWS allows {limits.PATH} in a path"
    if not _PATH.fullmatch(value) or "//" in value:
        return 'is not an IAM path; write it with a slash at both ends, such as "/service-role/"'
    return None


def description(value: str) -> Advice | str | None:
    """The description of a role."""
    if len(value) > limits.DESCRIPTION:
        return f"has {len(value)} characters; AWS allows {limits.DESCRIPTION} in a description"
    return _only(_DESCRIPTION, value, "has characters that IAM does not allow there; write characters of Latin-1 only")


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
    if not value.isascii():
        return f"has characters that no resource of Personalize has; {expected}"
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
    if ":accesspoint" in value or value.endswith(_ALIASES):
        return "is an access point, which the policies of buckets do not name; write the bucket behind the access point"
    if value.startswith("arn:"):
        return such_as("is an ARN; write the bucket's name alone", value.rsplit(":::", maxsplit=1)[-1].split("/", 1)[0])
    if value.startswith("s3://"):
        return such_as("is a URL; write the bucket's name alone", value[5:].split("/", 1)[0])
    if "://" in value or value.endswith(_HOSTS) or _ADDRESS.fullmatch(value):
        return "is an address; write the bucket's name alone"
    if value.endswith(_OTHER_KINDS):
        return "is a directory or table bucket, which Personalize does not use; write a general purpose bucket"
    if not _BUCKET.fullmatch(value) or ".." in value or value.startswith(_RESERVED):
        return "is not a bucket name; it has 3 to 63 lowercase letters, digits, dots and hyphens"
    return None


# Amazon S3 User Guide, "General purpose bucket naming rules".
_ALIASES: Final = ("-s3alias", "--ol-s3", ".mrap")
_OTHER_KINDS: Final = ("--x-s3", "--table-s3")
_RESERVED: Final = ("xn--", "sthree-")
_HOSTS: Final = (".amazonaws.com", ".amazonaws.com.cn")
_ADDRESS: Final = re.compile(r"\d+(?:\.\d+){3}")


def prefix(value: str) -> Advice | str | None:
    """The start of object keys."""
    if value.startswith(("s3://", "arn:")):
        key = value.removeprefix("s3://").partition("/")[2]
        return such_as("names a bucket too; write the start of the object keys alone", key)
    if value.startswith("/"):
        return such_as("starts with a slash, and object keys do not; write it without", value.lstrip("/"))
    if any(mark in value for mark in ("*", "?", "${")):
        return 'has wildcards or variables; write the plain start of the keys, such as "personalize/"'
    if len(value) > 1024:
        return "is longer than an object key can be, 1024"
    return _only(
        _IN_POLICIES, value, "has characters that IAM does not allow in policies; write characters of Latin-1 only"
    )


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


_IAM_RESOURCE: Final = re.compile(rf"\w+/(?:[\x21-\x7e]+/)?{NAME.pattern}", re.ASCII)


def _iam_arn(value: str, kind: str, example: str) -> str | None:
    expected = f'write the ARN of {kind}, such as "{example}"'
    try:
        arn = Arn.parse(value)
    except ValueError as error:
        return f"is not an ARN ({error}); {expected}"
    if arn.service != "iam" or not arn.resource.startswith(f"{kind.rsplit(maxsplit=1)[-1]}/"):
        return f"is the ARN of something else; {expected}"
    if not _IAM_RESOURCE.fullmatch(arn.resource):
        return f"does not name one; {expected}"
    return None


def policy_arn(value: str) -> str | None:
    """The ARN of a managed policy."""
    return _iam_arn(value, "an IAM policy", "arn:aws:iam::123456789012:policy/boundary")


def role_arn(value: str) -> str | None:
    """The ARN of a role."""
    return _iam_arn(value, "an IAM role", "arn:aws:iam::123456789012:role/personalize")


def label(value: str) -> Advice | str | None:
    """A name within the stack."""
    if not value.strip() or "::" in value:
        return 'is not a label; write a short name, such as "training-data"'
    if len(value) > 60:
        return f"has {len(value)} characters; write 60 at most"
    return _only(NAME, value, f"becomes part of names, and {NAME_RULE}")


def tag(longest: int) -> StringValidator:
    """The check for a tag's key or value."""

    def check(value: str) -> Advice | str | None:
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest}"
        if value.lower().startswith("aws:"):
            return "starts with aws:, which AWS keeps to itself"
        return _only(
            _TAG,
            value,
            "has characters that AWS does not allow in tags; write letters, digits, spaces and any of .:/=+@-_",
        )

    return check
