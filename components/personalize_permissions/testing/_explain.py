"""Why does it not work: the doctor's answer over a program."""

from collections.abc import Iterator
from typing import Final

from personalize_guardrails.guide import SERVICE
from personalize_permissions._documents.encryption_keys import AWS_S3, keys_of_encryption
from personalize_permissions._validation.command_line import describe_fault
from personalize_permissions._validation.string_validators import prefix as check_prefix
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor import Diagnosis, Health, Situation, diagnose
from personalize_permissions.testing._errors import InvalidQuestionError, unknown_documents
from personalize_permissions.testing._mocks import Registered
from personalize_permissions.testing._names import BUCKETS, Identity
from personalize_permissions.testing._questions import check_use
from personalize_permissions.testing._recorded import Recorded

_ENCRYPTIONS: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)


def explain(
    recorded: Recorded,
    *,
    use: str | BucketUse,
    bucket: str,
    prefix: str = "",
    role: str = "",
    keys: tuple[str, ...] = (),
    person: Identity | None = None,
) -> Diagnosis:
    """Find what keeps Personalize from a use of a bucket: the first fault, and what to write.

    `bucket`, `role` and `keys` are names in AWS, logical names or, for the bucket, a label. `role` is by default the
    only one that Personalize may be let into. `keys` are KMS keys, such as the dataset group's; that of the bucket's
    encryption is found. `person` is who starts the job. UnknownDocumentError where a managed policy decides that is not
    known.
    """
    use = check_use(use)
    names, policies = recorded.names, recorded.policies
    made = names.role(role) if role else _service_role(recorded)
    who = Identity("role", made.name)
    name = names.bucket(bucket)
    if fault := describe_fault(check_prefix, prefix):
        raise InvalidQuestionError(f"prefix: {fault}")
    given, encrypting = [names.key(each) for each in keys], dict.fromkeys(_encrypting(recorded, name))
    own = [names.key(each) for each in encrypting if each != AWS_S3]
    holders = [policies.holder(each) for each in (who, person) if each]
    situation = Situation(
        role=holders[0],
        trust=policies.of_trust(made),
        bucket=name,
        bucket_policy=policies.of_bucket(name),
        use=use,
        region=made.place.region,
        prefix=prefix,
        keys={arn: policies.of_key(arn) or None for arn in dict.fromkeys([*given, *own])},
        bucket_keys=frozenset(own) - frozenset(given),
        aws_s3_key=AWS_S3 in encrypting,
        exported_key=use is BucketUse.EXPORT and bool(keys),
        person=holders[1] if person else None,
    )
    diagnosis = diagnose(situation)
    unknown = {arn for each in holders for arn in (*each.unknown.identity, *each.unknown.boundary)}
    # A fault that comes after what is not known may not be the first.
    first = next((each for each in diagnosis.verdicts if each.health is not Health.WORKS), None)
    if needed := [arn for arn in (first.unknown if first else ()) if arn in unknown]:
        raise unknown_documents("the diagnosis", needed)
    return diagnosis


def _service_role(recorded: Recorded) -> Registered:
    made = (each for each in recorded.resources if each.type == "aws:iam/role:Role")
    roles = [each for each in made if SERVICE in str(each.inputs.get("assumeRolePolicy"))]
    if len(roles) != 1:
        known = ", ".join(sorted(each.name for each in roles)) or "none"
        raise InvalidQuestionError(f"name the role: the roles that name {SERVICE} in their trust policies are {known}")
    return roles[0]


def _encrypting(recorded: Recorded, bucket: str) -> Iterator[str]:
    """Yield the KMS keys that encrypt a bucket by a resource of the program."""
    for each in recorded.resources:
        if each.outputs.get("bucket") != bucket:
            continue
        if each.type in _ENCRYPTIONS:
            yield from keys_of_encryption(each.inputs.get("rules") or ())
        elif each.type in BUCKETS and (own := each.inputs.get("serverSideEncryptionConfiguration")):
            yield from keys_of_encryption([own.get("rule") or {}])
