"""Why does it not work: the doctor's answer over a program."""

from collections.abc import Iterator
from typing import Any, Final

from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import Arn
from personalize_guardrails.iam.evaluation import Outcome
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor import Diagnosis, Holder, Situation, diagnose
from personalize_permissions.testing._errors import InvalidQuestionError, UnknownDocumentError
from personalize_permissions.testing._mocks import Registered
from personalize_permissions.testing._names import BUCKETS, Identity
from personalize_permissions.testing._program_policies import Attached
from personalize_permissions.testing._questions import check_use
from personalize_permissions.testing._recorded import Recorded

_ROLE: Final = "aws:iam/role:Role"
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
    """Find what keeps Personalize from a use of a bucket: the first thing missing or in the way, and what to write.

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
    arns = dict.fromkeys(names.key(each) for each in (*keys, *_encrypting(recorded, name)))
    holders = [_holder(recorded, each) for each in (who, person) if each]
    situation = Situation(
        role=holders[0],
        trust=policies.of_trust(made),
        bucket=name,
        bucket_policy=policies.of_bucket(name),
        use=use,
        region=made.place.region,
        prefix=prefix,
        keys={arn: policies.of_key(arn) or None for arn in arns},
        exported_key=use is BucketUse.EXPORT and bool(keys),
        person=holders[1] if person else None,
    )
    diagnosis = diagnose(situation)
    _refuse_to_guess(diagnosis, [policies.of(each) for each in (who, person) if each])
    return diagnosis


def _service_role(recorded: Recorded) -> Registered:
    roles = [each for each in recorded.of(_ROLE).values() if SERVICE in str(each.inputs.get("assumeRolePolicy"))]
    if len(roles) != 1:
        known = ", ".join(sorted(each.name for each in roles)) or "none"
        raise InvalidQuestionError(f"name the role: the roles that name {SERVICE} in their trust policies are {known}")
    return roles[0]


def _holder(recorded: Recorded, who: Identity) -> Holder:
    """Return an identity with its policies; whose documents are not known is asked afterwards."""
    attached, boundary = recorded.policies.of(who), recorded.policies.boundary_of(who)
    limit = boundary.statements if boundary else None
    return Holder(Arn.parse(recorded.names.arn_of(who)), attached.statements, limit)


def _encrypting(recorded: Recorded, bucket: str) -> Iterator[str]:
    """Return the KMS keys that encrypt a bucket by a resource of the program."""
    for each in recorded.resources:
        if each.outputs.get("bucket") != bucket:
            continue
        if each.type in _ENCRYPTIONS:
            yield from _keys_in(each.inputs.get("rules"))
        elif each.type in BUCKETS and (own := each.inputs.get("serverSideEncryptionConfiguration")):
            yield from _keys_in([own.get("rule") or {}])


def _keys_in(rules: Any) -> Iterator[str]:  # noqa: ANN401 - what the program wrote
    for rule in rules or ():
        default = rule.get("applyServerSideEncryptionByDefault") or {}
        if str(default.get("sseAlgorithm")).startswith("aws:kms") and default.get("kmsMasterKeyId"):
            yield str(default["kmsMasterKeyId"])


def _refuse_to_guess(diagnosis: Diagnosis, attached: list[Attached]) -> None:
    """Raise UnknownDocumentError where policies whose documents are not known could change the diagnosis."""
    unknown = [arn for each in attached for arn in each.unknown]
    if diagnosis:  # AWS's own policies deny nothing
        unknown = [arn for arn in unknown if ":iam::aws:policy/" not in arn]
    elif (
        diagnosis.fault is None
        or diagnosis.fault.outcome is Outcome.EXPLICITLY_DENIED
        or not diagnosis.fault.policy.startswith("the policies of")
    ):
        return
    if unknown:
        raise UnknownDocumentError(
            f"the diagnosis depends on {', '.join(unknown)}, whose document is not known here; give it to "
            "PermissionsMocks(managed_policies={ARN: document})"
        )
