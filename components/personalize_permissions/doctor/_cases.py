"""From what the files say, and what is asked, to the situation that is diagnosed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from personalize_guardrails.iam import Arn, PolicyDocument, split_arn
from personalize_guardrails.iam.evaluation import Policies, evaluate, statements_of
from personalize_permissions._documents.encryption_keys import AWS_S3, keys_of_encryption, to_key_arn
from personalize_permissions._documents.grants import JOBS, REGIONS
from personalize_permissions._documents.requests import request_of_service, resource_keys, sources_of
from personalize_permissions._validation.arn_validators import key_arn
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor._files import Evidence, EvidenceError, objects
from personalize_permissions.doctor._identities import find_identity, holder_of, statements_in
from personalize_permissions.doctor._situation import Situation, Statements

_HOMES: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1"}
"""A region of each partition."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks."""

    role: str
    bucket: str
    use: BucketUse
    prefix: str = ""
    keys: tuple[str, ...] = ()
    person: str = ""
    region: str = ""
    bucket_account: str = ""
    organization: str = ""


def situation_of(evidence: Evidence, asked: Asked) -> Situation:
    """Return the situation; EvidenceError where the files do not hold what is asked about."""
    found = find_identity(evidence, asked.role, ("role",))
    role = holder_of(evidence, found)
    trust = statements_in(found.details.get("AssumeRolePolicyDocument"), f"the trust policy of {role.name}")
    person = find_identity(evidence, asked.person, ("user", "role", "group")) if asked.person else None
    encrypting = _bucket_keys(evidence)
    region, notes = _region(asked, role.arn, trust, encrypting)
    place = (role.arn.partition, region, asked.bucket_account or role.arn.account)
    given = [to_key_arn(key, *place) for key in asked.keys]
    known = [to_key_arn(key, *place) for key in encrypting if not _is_alias(key)]
    keys = dict.fromkeys([*given, *known])
    return Situation(
        role=role,
        trust=trust,
        bucket=asked.bucket,
        bucket_policy=_bucket_policy(evidence, asked.bucket),
        use=asked.use,
        region=region,
        prefix=asked.prefix,
        keys={arn: _key_policy(evidence, arn, len(keys)) for arn in keys},
        bucket_keys=frozenset(known) - frozenset(given),
        unknown_aliases=() if given else tuple(key for key in encrypting if _is_alias(key) and key != AWS_S3),
        aws_s3_key=AWS_S3 in encrypting,
        exported_key=asked.use is BucketUse.EXPORT and bool(asked.keys),
        person=holder_of(evidence, person) if person else None,
        bucket_account=asked.bucket_account,
        organization=asked.organization,
        unknown=() if evidence.encryptions else (f"the encryption of bucket {asked.bucket}",),
        notes=notes,
    )


def _agreed(what: str, by_file: Mapping[Path, T]) -> T | None:
    """Return what the files agree on; None where there is none."""
    found = list(by_file.values())
    if any(each != found[0] for each in found):
        files = " and ".join(map(str, by_file))
        raise EvidenceError(f"{files} hold different {what}; pass only the file that applies")
    return found[0] if found else None


def _bucket_policy(evidence: Evidence, bucket: str) -> Statements | None:
    """Return the bucket's policy: of several the one whose resources name the bucket; None where there is none."""
    policies = evidence.bucket_policies
    if len(policies) > 1:
        policies = {file: each for file, each in policies.items() if _is_about(each, bucket)} or policies
    policy = _agreed("policies of a bucket", policies)
    return None if policy is None else statements_of(policy, f"the policy of bucket {bucket}")


def _is_about(policy: PolicyDocument, bucket: str) -> bool:
    resources = [each for statement in policy.statements for each in (*statement.resources, *statement.not_resources)]
    return any(each.rpartition(":::")[2].partition("/")[0] == bucket for each in resources)


def _bucket_keys(evidence: Evidence) -> list[str]:
    """Return the ARNs, ids and aliases of the keys that encrypt the bucket."""
    encryption = _agreed("encryptions of a bucket", evidence.encryptions) or {}
    keys = list(keys_of_encryption(objects(encryption, "Rules")))
    if any(not _is_alias(key) and not is_key(key) for key in keys):
        raise EvidenceError("KMSMasterKeyID is not the ARN, the id or an alias of a key")
    return keys


def _is_alias(key: str) -> bool:
    return "alias/" in key


def is_key(text: str) -> bool:
    """Return whether a text is the ARN or the id of a KMS key, not of an alias."""
    return key_arn(to_key_arn(text, "aws", "us-east-1", "123456789012")) is None


def _region(asked: Asked, role: Arn, trust: Statements, encrypting: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return the region that is asked about, or else one that the trust policy admits, with what to mind then."""
    # A bucket and its key are where the dataset group is.
    known = [parts[3] for key in (*asked.keys, *encrypting) if (parts := split_arn(key))]
    if given := next(filter(None, [asked.region, *known]), ""):
        return given, ()
    here = sorted(region for region in REGIONS if region.startswith("cn-") is (role.partition == "aws-cn"))
    admitted = [region for region in here if _admits(asked, role, trust, region)]
    if not admitted or admitted == here:
        return _HOMES.get(role.partition, here[0]), ()
    note = (
        f"whether the dataset group is in {', '.join(admitted)} (the trust policy allows no other region; pass "
        "--region to check another)"
    )
    return admitted[0], (note,)


def _admits(asked: Asked, role: Arn, trust: Statements, region: str) -> bool:
    sources = sources_of(role.partition, region, role.account, JOBS[asked.use])
    owner = resource_keys("sts:AssumeRole", role.account, role.account)
    return bool(evaluate(request_of_service("sts:AssumeRole", "*", region, sources, owner), Policies(resource=trust)))


def _key_policy(evidence: Evidence, arn: str, keys: int) -> Statements | None:
    """Return a key's policy: that of the file that bears its id, or the only one where there is one key."""
    key = arn.rsplit("/", 1)[-1]
    fitting = {file: policy for file, policy in evidence.key_policies.items() if key in file.name}
    if not fitting and keys == len(evidence.key_policies) == 1:
        fitting = evidence.key_policies
    policy = _agreed(f"policies of key {arn}", fitting)
    return None if policy is None else statements_of(policy, f"the policy of key {arn}")
