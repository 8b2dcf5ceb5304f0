"""Validators of ARNs: each returns what is wrong with a text and what to write, or None."""

import re
from typing import Final

from personalize_guardrails.iam import Arn, is_account_id
from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._validation.string_validators import NAME
from personalize_permissions._validation.validators import StringValidator

_KEY_ID: Final = re.compile(r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def source_arn(value: str) -> str | None:
    """Check a pattern of Personalize resources of one account."""
    expected = 'write one of Personalize, such as "arn:aws:personalize:us-east-1:123456789012:*"'
    arn = _arn_of("personalize", value, expected)
    if isinstance(arn, str):
        return arn
    if not is_account_id(arn.account):
        return f"names no single account, so it restricts nothing; {expected}"
    return _outside_personalize(arn, expected)


def _outside_personalize(arn: Arn, expected: str) -> str | None:
    """Return what is wrong with an ARN of a partition or region without Personalize."""
    if arn.partition not in PARTITIONS:
        return f"has no AWS partition that offers Personalize; {expected}"
    if not str(arn).isascii():
        return f"has characters that no resource of Personalize has; {expected}"
    if not any(character in arn.region for character in "*?") and arn.region not in REGIONS:
        return f"is in a region without Personalize; it is in {', '.join(sorted(REGIONS))}"
    return None


def personalize_arn(kind: str) -> StringValidator:
    """Return the check for the ARN of a `campaign`, a `filter` and so on, or a pattern of their names."""

    def check(value: str) -> str | None:
        """Return what is wrong with an ARN and what to write; None where it is right."""
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
    """Return an ARN of a type of resource, to show."""
    return f"arn:aws:personalize:us-east-1:123456789012:{kind}/shop" + ("/ITEMS" if kind == "dataset" else "")


_RESOURCE_NAME: Final = re.compile(r"[\w/*?-]+", re.ASCII)


def _arn_of(service: str, value: str, expected: str) -> Arn | str:
    """Return the ARN, or what is wrong with it."""
    try:
        arn = Arn.parse(value)
    except ValueError as error:
        return f"is not an ARN ({error}); {expected}"
    return arn if arn.service == service else f"is an ARN of another service; {expected}"


PARTITIONS: Final = ("aws", "aws-cn")
"""The partitions that offer Personalize."""


def key_arn(value: str) -> str | None:
    """Check the ARN of a KMS key."""
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
    """Return what is wrong with the ARN of one IAM resource, `kind` with its article; None where it is right."""
    expected = f'write the ARN of {kind}, such as "{example}"'
    arn = _arn_of("iam", value, expected)
    if isinstance(arn, str):
        return arn
    if not arn.resource.startswith(f"{kind.rsplit(maxsplit=1)[-1]}/"):
        return f"is the ARN of something else; {expected}"
    if not _IAM_RESOURCE.fullmatch(arn.resource):
        return f"does not name one; {expected}"
    return None


def policy_arn(value: str) -> str | None:
    """Check the ARN of a managed policy."""
    return _iam_arn(value, "an IAM policy", "arn:aws:iam::123456789012:policy/boundary")


def role_arn(value: str) -> str | None:
    """Check the ARN of a role."""
    return _iam_arn(value, "an IAM role", "arn:aws:iam::123456789012:role/personalize")
