"""The commands of the AWS CLI that gather what the doctor reads and does not know yet."""

import shlex
from collections.abc import Iterator

from personalize_guardrails.iam import split_arn
from personalize_permissions.doctor._cases import Asked
from personalize_permissions.doctor._files import Evidence
from personalize_permissions.doctor._situation import Situation

_ACCOUNT = "aws iam get-account-authorization-details > account.json"


def commands(asked: Asked, known: Evidence | None = None, situation: Situation | None = None) -> str:
    """Return the commands, one a line; nothing where no command adds anything.

    `situation` is what is known of the case, where so much is known.
    """
    return "".join(f"    {line}\n" for line in _lines(asked, known or Evidence(), situation))


def _lines(asked: Asked, known: Evidence, situation: Situation | None) -> Iterator[str]:
    """Yield the commands in the order in which they are run: some need what one before them prints."""
    bucket = shlex.quote(asked.bucket)
    holders = [each for each in (situation.role, situation.person) if each] if situation else []
    if not known.identities:
        yield _ACCOUNT
    elif any(each.unknown.identity or each.unknown.boundary for each in holders):
        yield f"{_ACCOUNT}  # the whole list, without --filter, --max-items and --no-paginate"
    if not known.bucket_policies:
        yield f"aws s3api get-bucket-policy --bucket {bucket} > bucket-policy.json"
    if not known.encryptions:
        yield f"aws s3api get-bucket-encryption --bucket {bucket} > bucket-encryption.json"
    for alias in situation.unknown_aliases if situation else ():
        where = _in_region(alias, asked.region)
        ask = f"aws kms describe-key --key-id {shlex.quote(alias)}{where} --query KeyMetadata.Arn --output text"
        yield f"{ask}  # write that as --key"
    unread = [key for key, policy in situation.keys.items() if policy is None] if situation else asked.keys
    for key in unread:
        name = f"key-policy-{key.rsplit('/', 1)[-1]}.json"
        where = _in_region(key, asked.region)
        yield f"aws kms get-key-policy --key-id {shlex.quote(key)} --policy-name default{where} > {name}"
    if not unread and not known.encryptions:
        where = _in_region("", asked.region)
        ask = f"aws kms get-key-policy --key-id KEY --policy-name default{where} > key-policy.json"
        yield f"{ask}  # where the one before shows a KMSMasterKeyID: write that for KEY"


def _in_region(key: str, region: str) -> str:
    """Return the option for the region of a key: that of its ARN, or the one that is asked about."""
    parts = split_arn(key)
    region = parts[3] if parts else region
    return f" --region {shlex.quote(region)}" if region else ""
