"""Validators of single texts: each returns what is wrong with a text and what to write, or None."""

import re
from typing import Final

from personalize_guardrails.iam import is_account_id
from personalize_permissions._documents import limits
from personalize_permissions._validation.validators import StringValidator
from personalize_permissions._validation.wording import Advice

NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
NAME_RULE: Final = "has characters that IAM does not allow; write letters, digits and any of +=,.@-_"
_PATH: Final = re.compile(r"/|/[\x21-\x7e]+/")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP_ADDRESS: Final = re.compile(r"\d+(?:\.\d+){3}")
_DESCRIPTION: Final = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]+")
_IN_POLICIES: Final = re.compile(r"[\x20-\xff]+")
"""What IAM takes in a policy document. API Reference of IAM, "PutRolePolicy"."""
_TAG: Final = re.compile(r"[\w\s.:/=+@-]+")


def such_as(reason: str, example: str) -> Advice:
    """Return the reason with an example of what to write, made from the text."""
    return Advice(reason, f', such as "{example}"')


def _check_characters(allowed: re.Pattern[str], value: str, rule: str) -> Advice | None:
    """Return the rule, with the first character that is not allowed; None where every one is."""
    match = allowed.match(value)
    rest = value[match.end() if match else 0 :]
    return Advice(rule, f', in place of "{rest[0]}"') if rest else None


def iam_name(what: str, longest: int) -> StringValidator:
    """Return the check for the name of an IAM entity, `what` with its article."""

    def check(value: str) -> Advice | str | None:
        if not value.strip():
            return f"is empty; write the name of {what}"
        if value.startswith("arn:"):
            parts = value.split("/")  # that of a session ends in the session's name
            return such_as(f"is an ARN; write the name of {what} alone", parts["assumed-role" in parts[0] or -1])
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest} in the name of {what}"
        return _check_characters(NAME, value, NAME_RULE)

    return check


_ROLE_NAME: Final = iam_name("a role", limits.ROLE_NAME)


def role_name(value: str) -> Advice | str | None:
    """Check the name of a role; roles of IAM Identity Center and service-linked roles are refused."""
    if value.casefold().startswith("awsreservedsso_"):
        return (
            "is a role of IAM Identity Center, which only Identity Center can change; write another role, or leave it "
            "out and attach the policy in Identity Center, by its `policy_name`"
        )
    if value.casefold().startswith("awsservicerolefor"):
        return "is a service-linked role, which only its service can change; write another role"
    return _ROLE_NAME(value)


def iam_path(value: str) -> str | None:
    """Check an IAM path: a slash at both ends."""
    if len(value) > limits.PATH:
        return f"has {len(value)} characters; AWS allows {limits.PATH} in a path"
    if not _PATH.fullmatch(value) or "//" in value:
        return 'is not an IAM path; write it with a slash at both ends, such as "/service-role/"'
    return None


def description(value: str) -> Advice | str | None:
    """Check the description of a role."""
    if len(value) > limits.DESCRIPTION:
        return f"has {len(value)} characters; AWS allows {limits.DESCRIPTION} in a description"
    return _check_characters(
        _DESCRIPTION, value, "has characters that IAM does not allow there; write characters of Latin-1 only"
    )


def account(value: str) -> str | None:
    """Check an AWS account."""
    return None if is_account_id(value) else 'is not an AWS account; write its twelve digits, such as "123456789012"'


def bucket_name(value: str) -> Advice | str | None:
    """Check the name of a bucket. Source: Amazon S3 User Guide, "General purpose bucket naming rules"."""
    if not value.strip():
        return "is empty; write the name of a bucket"
    if ":accesspoint" in value or value.endswith(("-s3alias", "--ol-s3", ".mrap")):
        return "is an access point, which the policies of buckets do not name; write the bucket behind the access point"
    if value.startswith("arn:"):
        return such_as("is an ARN; write the bucket's name alone", value.rsplit(":::", maxsplit=1)[-1].split("/", 1)[0])
    if value.startswith("s3://"):
        return such_as("is a URL; write the bucket's name alone", value[5:].split("/", 1)[0])
    if "://" in value or value.endswith((".amazonaws.com", ".amazonaws.com.cn")) or _IP_ADDRESS.fullmatch(value):
        return "is an address; write the bucket's name alone"
    if value.endswith(("--x-s3", "--table-s3")):
        return "is a directory or table bucket, which Personalize does not use; write a general purpose bucket"
    if not _BUCKET.fullmatch(value) or ".." in value or value.startswith(("xn--", "sthree-")):
        return "is not a bucket name; it has 3 to 63 lowercase letters, digits, dots and hyphens"
    return None


def prefix(value: str) -> Advice | str | None:
    """Check the start of object keys."""
    if value.startswith(("s3://", "arn:")):
        key = value.removeprefix("s3://").partition("/")[2]
        return such_as("names a bucket too; write the start of the object keys alone", key)
    if value.startswith("/"):
        return such_as("starts with a slash, and object keys do not; write it without", value.lstrip("/"))
    if any(mark in value for mark in ("*", "?", "${")):
        return 'has wildcards or variables; write the plain start of the keys, such as "personalize/"'
    if len(value) > 1024:
        return f"has {len(value)} characters; S3 allows 1024 in an object key; write a shorter prefix"
    return _check_characters(
        _IN_POLICIES, value, "has characters that IAM does not allow in policies; write characters of Latin-1 only"
    )


def resource_of(kind: str) -> StringValidator:
    """Return the check for a resource of that type, by its logical name or its URN."""

    def check(value: str) -> str | None:
        if not value.strip():
            return f"is empty; write the logical name or the URN of {kind}"
        type_in_urn = value.split("::")[2:3] if value.startswith("urn:") else [kind]
        if not type_in_urn or type_in_urn[0].rsplit("$", 1)[-1] != kind:
            return f"is not the URN of {kind}, the only type whose place it can take"
        return None

    return check


def label(value: str) -> Advice | str | None:
    """Check a name within the stack."""
    if not value.strip() or "::" in value:
        return 'is not a label; write a short name, such as "training-data"'
    if len(value) > 60:
        return f"has {len(value)} characters; write 60 at most"
    return _check_characters(NAME, value, f"becomes part of names, and {NAME_RULE}")


def tag(longest: int) -> StringValidator:
    """Return the check for a tag's key or value."""

    def check(value: str) -> Advice | str | None:
        if len(value) > longest:
            return f"has {len(value)} characters; AWS allows {longest}"
        if value.lower().startswith("aws:"):
            return "starts with aws:, which AWS reserves; write it without that prefix"
        return _check_characters(
            _TAG,
            value,
            "has characters that AWS does not allow in tags; write letters, digits, spaces and any of .:/=+@-_",
        )

    return check
