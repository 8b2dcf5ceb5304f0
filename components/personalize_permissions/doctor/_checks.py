"""The requests that one use of a bucket takes, in their order; `personalize_guardrails.guide` names the pages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from personalize_guardrails import guide
from personalize_guardrails.iam import Arn, Condition, Principal
from personalize_guardrails.iam.evaluation import LocatedStatement, Policies, Request, ResourceRule
from personalize_permissions._documents.encryption_keys import AWS_S3, to_key_arn
from personalize_permissions._documents.grants import BUCKET_ACTIONS
from personalize_permissions._documents.statements import KeyGrant, allow
from personalize_permissions._documents.unknown_policies import ALL_KNOWN, ALLOW_ALL, UnknownPolicies
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor._requests import by_identity, by_service
from personalize_permissions.doctor._situation import Holder, Situation, Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Requests of one caller on one thing, which all have to be allowed."""

    what: str
    """Such as `role recs may read the bucket`."""
    requests: tuple[Request, ...]
    policies: Policies
    resource: str = ""
    """The name of the policy on the resource's side, such as `the policy of bucket data`."""
    identity: str = ""
    """Whose policies are on the identity's side, such as `role recs`."""
    unknown: UnknownPolicies = ALL_KNOWN
    keys: tuple[str, ...] = ()
    """Condition keys that a statement that is missing should test."""
    by_resource: bool = False
    """Whether the guide gives it in the policy of the resource, where either side would do."""
    advice: str = ""
    """What to do where nobody can change the policy of the resource."""


def checks_of(situation: Situation) -> Iterator[Check]:
    """Return the checks: the person passes the role, the service assumes it, then bucket, keys and metrics."""
    role = situation.role
    if person := situation.person:
        passes = (by_identity(situation, person, guide.PASS_ROLE, str(role.arn)),)
        yield replace(
            _of_identity(person, f"may pass {role.name} to Personalize", passes), keys=(guide.PASSED_TO_SERVICE,)
        )
    yield Check(
        what=f"Personalize may assume {role.name}",
        requests=(by_service(situation, "sts:AssumeRole", "*"),),
        policies=Policies(resource=situation.trust),
        resource=f"the trust policy of {role.name}",
    )
    yield from _on_bucket(situation)
    for arn, statements in situation.keys.items():
        yield from _on_key(situation, arn, statements)
    if situation.aws_s3_key:
        yield _on_aws_s3_key(situation)
    if situation.use is BucketUse.METRICS:
        metrics = (by_identity(situation, role, guide.PUT_METRICS, "*"),)
        yield _of_identity(role, "may put metrics", metrics)


def _on_bucket(situation: Situation) -> Iterator[Check]:
    """Return the checks of the bucket: by the role's policies and the bucket's, and by the service."""
    arn = f"arn:{situation.role.arn.partition}:s3:::{situation.bucket}"
    wanted = [
        (action, arn if action == guide.LIST_BUCKET else f"{arn}/{situation.object_key}")
        for action in BUCKET_ACTIONS[situation.use]
    ]
    own = situation.bucket_owner == situation.account
    rule = ResourceRule.EITHER_ALLOWS if own else ResourceRule.BOTH_ALLOW
    may = f"may use bucket {situation.bucket} for {situation.use.value}"
    policy, statements = f"the policy of bucket {situation.bucket}", situation.bucket_policy
    by_role = tuple(by_identity(situation, situation.role, *each) for each in wanted)
    yield _of_identity(situation.role, may, by_role, policy, statements, rule)
    yield _of_service(may, tuple(by_service(situation, *each) for each in wanted), policy, statements)


def _on_key(situation: Situation, arn: str, statements: Statements | None) -> Iterator[Check]:
    """Return the checks of a key: people and the role by their policies and the key's, the service by the key's."""
    policy, may, role = f"the policy of key {arn}", "may use the key", situation.role
    own = Arn.parse(arn).account == situation.account
    rule = ResourceRule.RESOURCE_ALLOWS if own else ResourceRule.BOTH_ALLOW
    actions, granting = KeyGrant(arn, situation.exported_key).actions, guide.KEY_GRANT_ACTION
    by_role = tuple(by_identity(situation, role, action, arn) for action in actions)
    yield _of_identity(role, may, by_role, policy, statements, rule)
    grant = (by_identity(situation, role, granting, arn),)
    yield replace(_of_identity(role, "may create grants on the key", grant, policy, statements, rule), by_resource=True)
    yield _of_service(
        may, tuple(by_service(situation, action, arn) for action in (*actions, granting)), policy, statements
    )
    if person := situation.person:
        by_person = tuple(by_identity(situation, person, action, arn) for action in actions)
        yield _of_identity(person, may, by_person, policy, statements, rule)


def _on_aws_s3_key(situation: Situation) -> Check:
    """Return the check that the role may use the key of S3 itself: its policy admits the bucket's account only."""
    role, owner = situation.role, situation.bucket_owner
    arn = to_key_arn("the-key-of-aws-s3", role.arn.partition, situation.region, owner)
    through_s3 = replace(situation, bucket_keys=situation.bucket_keys | {arn})
    on_objects = guide.KEY_ACTIONS_BY_OBJECT_ACTION
    wanted = dict.fromkeys(each for action in BUCKET_ACTIONS[situation.use] for each in on_objects.get(action, ()))
    by_owner = Condition.of("StringEquals", "kms:CallerAccount", owner)
    admits = allow(wanted, "*", principal=Principal.aws("*"), conditions=(by_owner,))
    policy = f"the policy of key {AWS_S3}"
    unlimited = replace(role, boundary=None if role.boundary is None else (*role.boundary, ALLOW_ALL))
    requests = tuple(by_identity(through_s3, role, action, arn) for action in wanted)
    known = (LocatedStatement(admits, policy, 0),)
    return replace(
        _of_identity(unlimited, f"may use the key {AWS_S3}", requests, policy, known, ResourceRule.RESOURCE_ALLOWS),
        advice=f"encrypt bucket {situation.bucket} with SSE-S3 or with a KMS key of its own: nobody can change the "
        f"policy of {AWS_S3}, which admits account {owner} only",
    )


def _of_identity(
    holder: Holder,
    what: str,
    requests: tuple[Request, ...],
    policy: str = "",
    resource: Statements | None = (),
    rule: ResourceRule = ResourceRule.EITHER_ALLOWS,
) -> Check:
    """Return a check of a user or role; `resource` are the statements of the resource's `policy`, None if unknown."""
    return Check(
        what=f"{holder.name} {what}",
        requests=requests,
        policies=Policies(
            identity=holder.statements, boundary=holder.boundary, resource=resource or (), resource_rule=rule
        ),
        resource=policy,
        identity=holder.name,
        unknown=replace(holder.unknown, resource=() if resource is not None else (policy,)),
    )


def _of_service(what: str, requests: tuple[Request, ...], policy: str, resource: Statements | None) -> Check:
    """Return a check of Personalize, which only the resource's `policy` lets in; None if its statements are unknown."""
    return Check(
        what=f"Personalize {what}",
        requests=requests,
        policies=Policies(resource=resource or ()),
        resource=policy,
        unknown=UnknownPolicies(resource=() if resource is not None else (policy,)),
    )
