"""`python -m personalize_permissions doctor`: what keeps Personalize from using a bucket, from what the AWS CLI prints.

Without FILES it prints the commands that gather them. No network is reached.
Exit code 0: nothing is in the way. 1: something is. 2: the command is wrong, a file could not be read, or more has to
be known.
"""

import argparse
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from personalize_guardrails.iam import is_account_id
from personalize_permissions._documents.grants import REGIONS
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor._cases import Asked, situation_of
from personalize_permissions.doctor._diagnosis import diagnose
from personalize_permissions.doctor._files import Evidence, EvidenceError, read_files
from personalize_permissions.doctor._findings import Health
from personalize_permissions.doctor._report import to_json, to_text
from personalize_permissions.doctor._situation import is_key

_CODES: Final = {Health.WORKS: 0, Health.BLOCKED: 1, Health.UNKNOWN: 2}
_FORMATS: Final = {"table": to_text, "json": to_json}
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", type=Path, help="what the commands printed, or a folder of it"
    )
    parser.add_argument("--role", required=True, help="the service role, by its name or ARN")
    parser.add_argument("--bucket", required=True, type=_bucket, help="the bucket's name")
    parser.add_argument(
        "--use", required=True, choices=[each.value for each in BucketUse], help="what Personalize does with the bucket"
    )
    parser.add_argument("--prefix", default="", help="the folder of the data, such as in/")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        type=_key,
        help="ARN or id of a KMS key, such as the dataset group's; may be repeated; the bucket's own is found",
    )
    parser.add_argument("--person", default="", help="who starts the job: a user's or role's name, KIND/NAME or ARN")
    parser.add_argument("--region", type=_region, help="where the dataset group is")
    parser.add_argument("--bucket-account", type=account, help="who owns the bucket, if it is not the role's")
    parser.add_argument("--organization", default="", help="the organization that the role is in, such as o-a1b2c3d4e5")
    parser.add_argument("--format", choices=_FORMATS, default="table", help="default: table")


def run(given: argparse.Namespace, error: Callable[[str], None]) -> int:
    """Run the command; `error` ends it with a message."""
    asked = Asked(
        role=given.role,
        bucket=given.bucket,
        use=BucketUse(given.use),
        prefix=given.prefix.removeprefix("/"),
        keys=tuple(given.key),
        person=given.person,
        region=given.region or "",
        bucket_account=given.bucket_account or "",
        organization=given.organization,
    )
    if not given.files:
        sys.stdout.write(f"Run these, and give their files to the doctor:\n\n{commands(asked)}\n")
        return _CODES[Health.UNKNOWN]
    try:
        evidence = read_files(given.files)
        situation = situation_of(evidence, asked)
        diagnosis = diagnose(situation)
    except EvidenceError as wrong:
        error(str(wrong))
    sys.stdout.write(_FORMATS[given.format](diagnosis))
    unread = [key for key, policy in situation.keys.items() if policy is None]
    if diagnosis.health is Health.UNKNOWN and (missing := commands(replace(asked, keys=tuple(unread)), evidence)):
        sys.stderr.write(f"The commands that gather what is missing:\n\n{missing}\n")
    return _CODES[diagnosis.health]


def commands(asked: Asked, known: Evidence | None = None) -> str:
    """Return the commands of the AWS CLI that gather what the doctor reads and does not know yet."""
    bucket, known = shlex.quote(asked.bucket), known or Evidence()
    lines = []
    if not known.identities:
        lines.append("aws iam get-account-authorization-details > account.json")
    if known.bucket_policy is None:
        lines.append(f"aws s3api get-bucket-policy --bucket {bucket} > bucket-policy.json")
    if known.encryption is None:
        lines.append(f"aws s3api get-bucket-encryption --bucket {bucket} > bucket-encryption.json")
    where = f" --region {asked.region}" if asked.region else ""
    for key in asked.keys:
        name = f"key-policy-{key.rsplit('/', 1)[-1]}.json"
        lines.append(f"aws kms get-key-policy --key-id {shlex.quote(key)} --policy-name default{where} > {name}")
    if not asked.keys and known.encryption is None:
        ask = f"aws kms get-key-policy --key-id KEY --policy-name default{where} > key-policy.json"
        lines.append(f"{ask}  # where the one before shows a KMSMasterKeyID: write that for KEY")
    return "".join(f"    {line}\n" for line in lines)


def _bucket(text: str) -> str:
    if not _BUCKET.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is not a bucket's name; write it without s3:// and without a folder")
    return text


def _key(text: str) -> str:
    if is_key(text):
        return text
    raise argparse.ArgumentTypeError(f"{text} is not a KMS key; write its ARN or its id, not an alias")


def _region(text: str) -> str:
    if text not in REGIONS:
        raise argparse.ArgumentTypeError(f"Personalize is not in {text}; it is in {', '.join(sorted(REGIONS))}")
    return text


def account(text: str) -> str:
    if not is_account_id(text):
        raise argparse.ArgumentTypeError(f"{text} is not an AWS account; write its twelve digits")
    return text
