"""`python -m personalize_permissions doctor`: what keeps Personalize from using a bucket, from what the AWS CLI prints.

Without FILES it prints the commands that gather them. It does not use the network.
Exit code 0: no policy prevents the access. 1: a policy does. 2: the command is wrong, a file could not be read, or more
has to be known.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._validation.command_line import argument
from personalize_permissions._validation.string_validators import account, bucket_name, prefix
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor._cases import Asked, is_key, situation_of
from personalize_permissions.doctor._diagnosis import diagnose
from personalize_permissions.doctor._files import EvidenceError, read_files
from personalize_permissions.doctor._findings import Diagnosis, Health, to_json
from personalize_permissions.doctor._gathering import commands

_CODES: Final = {Health.WORKS: 0, Health.BLOCKED: 1, Health.UNKNOWN: 2}
_FORMATS: Final[Mapping[str, Callable[[Diagnosis], str]]] = {"table": "{}\n".format, "json": to_json}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", type=Path, help="what the commands printed, or a folder of it"
    )
    parser.add_argument("--role", required=True, help="the service role, by its name or ARN")
    parser.add_argument("--bucket", required=True, type=argument(bucket_name), help="the bucket's name")
    parser.add_argument(
        "--use", required=True, choices=[each.value for each in BucketUse], help="what Personalize does with the bucket"
    )
    parser.add_argument(
        "--prefix", default="", type=argument(prefix), help="the folder of the data, such as in/, or one object"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        type=argument(_key),
        help="ARN or id of a KMS key, such as the dataset group's; may be repeated; the bucket's own key is found in "
        "the files",
    )
    parser.add_argument("--person", default="", help="who starts the job: a user's or role's name, KIND/NAME or ARN")
    parser.add_argument("--region", type=argument(_region), help="where the dataset group is")
    parser.add_argument("--bucket-account", type=argument(account), help="who owns the bucket, if it is not the role's")
    parser.add_argument("--organization", default="", help="the organization that the role is in, such as o-a1b2c3d4e5")
    parser.add_argument("--format", choices=_FORMATS, default="table", help="default: table")


def run(given: argparse.Namespace) -> int:
    """Run the command; return its exit code."""
    asked = Asked(
        role=given.role,
        bucket=given.bucket,
        use=BucketUse(given.use),
        prefix=given.prefix,
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
        return _answer(asked, given.files, given.format)
    except EvidenceError as wrong:
        sys.stderr.write(f"doctor: error: {wrong}\n")
        return _CODES[Health.UNKNOWN]


def _answer(asked: Asked, files: list[Path], form: str) -> int:
    """Write the diagnosis, and the commands that gather what is missing; return the exit code."""
    evidence = read_files(files)
    sys.stderr.writelines(f"doctor: passed over: {each}\n" for each in evidence.passed_over)
    if not evidence.identities:
        needed = f"the commands that gather what is missing:\n\n{commands(asked, evidence)}"
        raise EvidenceError(f"no file holds the account's details; {needed}")
    situation = situation_of(evidence, asked)
    diagnosis = diagnose(situation)
    sys.stdout.write(_FORMATS[form](diagnosis))
    if diagnosis.missing and (needed := commands(asked, evidence, situation)):
        sys.stderr.write(f"The commands that gather what is missing:\n\n{needed}\n")
    return _CODES[diagnosis.health]


def _key(value: str) -> str | None:
    return None if is_key(value) else "is not a KMS key; write its ARN or its id, not an alias"


def _region(value: str) -> str | None:
    return None if value in REGIONS else f"is a region without Personalize; it is in {', '.join(sorted(REGIONS))}"
