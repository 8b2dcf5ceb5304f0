"""From what the files say, and what is asked, to the situation that is diagnosed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import Arn, split_arn
from personalize_guardrails.iam.evaluation import Caller, Policies, Request, evaluate, statements_of
from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._documents.statements import ACCOUNT_KEY, ARN_KEY
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor._files import (
    Evidence,
    EvidenceError,
    inline_policies,
    listed,
    member,
    records,
    statements_in,
)
from personalize_permissions.doctor._situation import JOBS, Holder, Situation, Statements, is_key

_HOMES: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1"}
"""A region of each partition."""


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
    unknown: list[str] = []
    details = _find(evidence, asked.role, ("role",))[1]
    role = _holder(evidence, "role", details, unknown)
    trust = statements_in(details.get("AssumeRolePolicyDocument"), f"the trust policy of {role.name}")
    region, notes = _region(asked, role.arn, trust, list(_bucket_keys(evidence)))
    keys = _keys(evidence, asked, role.arn, region, unknown)
    person = (
        _holder(evidence, *_find(evidence, asked.person, ("user", "role", "group")), unknown) if asked.person else None
    )
    policy = evidence.bucket_policy
    return Situation(
        role=role,
        trust=trust,
        bucket=asked.bucket,
        bucket_policy=None if policy is None else statements_of(policy, f"the policy of bucket {asked.bucket}"),
        use=asked.use,
        region=region,
        prefix=asked.prefix,
        keys={arn: _key_policy(evidence, arn, len(keys)) for arn in keys},
        exported_key=asked.use is BucketUse.EXPORT and bool(asked.keys),
        person=person,
        bucket_account=asked.bucket_account,
        organization=asked.organization,
        unknown=tuple(unknown),
        notes=notes,
    )


def _find(evidence: Evidence, name: str, kinds: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
    """Return the kind and details of an identity by its name, `KIND/NAME` or ARN."""
    path = name.split(":", 5)[-1]
    kind, slash, rest = path.partition("/")
    wanted, last = ((kind,), rest.rsplit("/", 1)[-1]) if slash and kind in kinds else (kinds, name)
    found = [(each, evidence.identities[each][last]) for each in wanted if last in evidence.identities.get(each, {})]
    if not found:
        known = sorted(known for each in wanted for known in evidence.identities.get(each, {}))
        listed = f"it has {', '.join(known[:10])}" if known else "no file holds the account's details"
        raise EvidenceError(f'the account has no {" or ".join(wanted)} "{last}": {listed}')
    if len(found) > 1:
        raise EvidenceError(
            f'"{name}" is a {" and a ".join(each for each, _ in found)}; write user/{name} or role/{name}'
        )
    return found[0]


def _holder(evidence: Evidence, kind: str, details: Mapping[str, Any], unknown: list[str]) -> Holder:
    """Return an identity with its policies, a user's groups included; what has no document is noted as unknown."""
    try:
        arn = Arn.parse(str(details.get("Arn")))
    except ValueError as error:
        raise EvidenceError(f"the Arn of a {kind} is wrong: {error}") from None
    statements = list(_own(evidence, kind, details, unknown))
    for name in map(str, listed(details, "GroupList")):
        if name in evidence.identities.get("group", {}):
            statements += _own(evidence, "group", evidence.identities["group"][name], unknown)
        else:
            unknown.append(f"the policies of group {name}")
    boundary = member(details, "PermissionsBoundary").get("PermissionsBoundaryArn")
    limit = _managed(evidence, str(boundary), unknown) if boundary else None
    unique_id = str(details.get(f"{kind.capitalize()}Id") or "")
    return Holder(arn, tuple(statements), limit, unique_id)


def _own(evidence: Evidence, kind: str, details: Mapping[str, Any], unknown: list[str]) -> Iterator[Any]:
    owner = f"{kind} {details.get(f'{kind.capitalize()}Name')}"
    for name, document in inline_policies(kind, details):
        yield from statements_in(document, f"inline policy {name} of {owner}")
    for attached in records(details.get("AttachedManagedPolicies"), "AttachedManagedPolicies"):
        yield from _managed(evidence, str(attached.get("PolicyArn")), unknown)


def _managed(evidence: Evidence, arn: str, unknown: list[str]) -> Statements:
    if arn not in evidence.managed:
        unknown.append(f"the document of policy {arn}")
        return ()
    return statements_in(evidence.managed[arn], f"policy {arn.rsplit('/', 1)[-1]}")


def _region(asked: Asked, role: Arn, trust: Statements, bucket_keys: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return the region that is asked about, or else one that the trust policy admits, with what to mind then."""
    # A bucket and its key are where the dataset group is.
    known = [Arn.parse(key).region for key in (*asked.keys, *bucket_keys) if split_arn(key)]
    named = [asked.region, *known]
    if given := next(filter(None, named), ""):
        return given, ()
    here = sorted(region for region in REGIONS if region.startswith("cn-") is (role.partition == "aws-cn"))
    admitted = [region for region in here if _admits(asked, role, trust, region)]
    if not admitted or admitted == here:
        return _HOMES.get(role.partition, here[0]), ()
    note = f"whether the dataset group is in {', '.join(admitted)}, which alone the trust policy admits (--region)"
    return admitted[0], (note,)


def _admits(asked: Asked, role: Arn, trust: Statements, region: str) -> bool:
    source = f"arn:{role.partition}:personalize:{region}:{role.account}:{JOBS[asked.use]}/some-job"
    context = {ACCOUNT_KEY: role.account, ARN_KEY: source}
    return bool(evaluate(Request.of(Caller.service(SERVICE), "sts:AssumeRole", "*", context), Policies(resource=trust)))


def _keys(evidence: Evidence, asked: Asked, role: Arn, region: str, unknown: list[str]) -> list[str]:
    """Return the ARNs of the keys in question: those that are asked about, and the bucket's own."""
    start = f"arn:{role.partition}:kms:{region}:{asked.bucket_account or role.account}:key/"
    keys = [key if key.startswith("arn:") else f"{start}{key}" for key in asked.keys]
    if evidence.encryption is None:
        unknown.append(f"the encryption of bucket {asked.bucket}")
        return keys
    for key in _bucket_keys(evidence):
        if "alias/" in key:
            if not keys:
                unknown.append(f"which key {key} is, that encrypts bucket {asked.bucket} (write its ARN as --key)")
        elif (arn := key if key.startswith("arn:") else f"{start}{key}") not in keys:
            keys.append(arn)
    return keys


def _bucket_keys(evidence: Evidence) -> Iterator[str]:
    """Return the keys of the bucket's SSE-KMS, as they are written."""
    # The key of S3 itself is open to the whole account.
    for rule in records((evidence.encryption or {}).get("Rules"), "Rules"):
        default = member(rule, "ApplyServerSideEncryptionByDefault")
        key = str(default.get("KMSMasterKeyID") or "")
        if str(default.get("SSEAlgorithm")).startswith("aws:kms") and key and not key.endswith("alias/aws/s3"):
            if "alias/" not in key and not is_key(key):
                raise EvidenceError("KMSMasterKeyID is not the ARN, the id or an alias of a key")
            yield key


def _key_policy(evidence: Evidence, arn: str, keys: int) -> Statements | None:
    """Return a key's policy: that of the file that bears its id, or the only one where there is one key."""
    key = arn.rsplit("/", 1)[-1]
    fitting = [policy for name, policy in evidence.key_policies.items() if key in name]
    if not fitting and keys == len(evidence.key_policies) == 1:
        fitting = list(evidence.key_policies.values())
    return statements_of(fitting[0], f"the policy of key {arn}") if fitting else None
