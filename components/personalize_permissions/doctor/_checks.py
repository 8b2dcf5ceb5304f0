"""The requests that one use of a bucket takes, in the order in which they are made.

Sources, in the Amazon Personalize Developer Guide: "Setting up permissions", "Giving Amazon Personalize access to
Amazon S3 resources", "Giving Amazon Personalize permission to use your AWS KMS key".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from personalize_guardrails import guide
from personalize_guardrails.guide import SERVICE
from personalize_guardrails.iam import Arn
from personalize_guardrails.iam.evaluation import Caller, Policies, Request, ResourceRule
from personalize_permissions._documents.grants import BUCKET_ACTIONS
from personalize_permissions._documents.statements import ACCOUNT_KEY, ARN_KEY
from personalize_permissions.choices import BucketUse
from personalize_permissions.doctor._situation import Holder, Situation, Statements


@dataclass(frozen=True, slots=True)
class Check:
    """Requests of one caller on one thing, which all have to be allowed."""

    what: str
    """Such as `role recs may read the bucket`."""
    requests: tuple[Request, ...]
    policies: Policies
    resource: str
    """The name of the policy on the resource's side, such as `the policy of bucket data`."""
    identity: str = ""
    """Whose policies are on the identity's side, such as `role recs`."""
    keys: tuple[str, ...] = ()
    """Condition keys that a statement that is missing should test."""
    unknown: str = ""
    """What is not known of the policies: nothing can be said then."""
    by_resource: bool = False
    """Whether the guide gives it in the policy of the resource, where either side would do."""


def checks_of(situation: Situation) -> Iterator[Check]:
    """Return the checks: the person passes the role, the service assumes it, then bucket, keys and metrics."""
    role, bucket = situation.role, f"the policy of bucket {situation.bucket}"
    if situation.person:
        yield _passes_role(situation, situation.person)
    yield Check(
        f"Personalize may assume {role.name}",
        (_by_service(situation, "sts:AssumeRole", "*", {"aws:ResourceAccount": situation.account}),),
        Policies(resource=situation.trust),
        f"the trust policy of {role.name}",
        keys=(ACCOUNT_KEY, ARN_KEY),
    )
    wanted = list(_on_bucket(situation))
    unknown = "" if situation.bucket_policy is not None else bucket
    own = not situation.bucket_account or situation.bucket_account == situation.account
    yield Check(
        f"{role.name} may use bucket {situation.bucket} for {situation.use.value}",
        tuple(_by_role(situation, role, action, on) for action, on in wanted),
        _policies(role, situation.bucket_policy or (), ResourceRule.EITHER_ALLOWS if own else ResourceRule.BOTH_ALLOW),
        bucket,
        role.name,
        unknown=unknown,
    )
    yield Check(
        f"Personalize may use bucket {situation.bucket} for {situation.use.value}",
        tuple(_by_service(situation, action, on) for action, on in wanted),
        Policies(resource=situation.bucket_policy or ()),
        bucket,
        unknown=unknown,
    )
    for arn, statements in situation.keys.items():
        yield from _on_key(situation, arn, statements)
    if situation.use is BucketUse.METRICS:
        yield Check(
            f"{role.name} may put metrics",
            (_by_role(situation, role, guide.PUT_METRICS, "*"),),
            _policies(role),
            "",
            role.name,
        )


def _passes_role(situation: Situation, person: Holder) -> Check:
    """Return the check that a person may pass the service role to Personalize."""
    request = Request.of(
        Caller(person.arn),
        guide.PASS_ROLE,
        str(situation.role.arn),
        {**_of_identity(situation, person), guide.PASSED_TO_SERVICE: SERVICE},
    )
    what = f"{person.name} may pass {situation.role.name} to Personalize"
    return Check(what, (request,), _policies(person), "", person.name, keys=(guide.PASSED_TO_SERVICE,))


def _on_bucket(situation: Situation) -> Iterator[tuple[str, str]]:
    arn = f"arn:{situation.role.arn.partition}:s3:::{situation.bucket}"
    for action in BUCKET_ACTIONS[situation.use]:
        yield action, arn if action == guide.LIST_BUCKET else f"{arn}/{situation.object_key}"


def _on_key(situation: Situation, arn: str, statements: Statements | None) -> Iterator[Check]:
    """Return the checks of a key: people and the role by their policies and the key's, the service by the key's."""
    policy, unknown = f"the policy of key {arn}", "" if statements is not None else f"the policy of key {arn}"
    own = Arn.parse(arn).account == situation.account
    rule = ResourceRule.RESOURCE_ALLOWS if own else ResourceRule.BOTH_ALLOW
    actions = (*guide.KEY_ACTIONS, *((guide.KEY_EXPORT_ACTION,) if situation.exported_key else ()))
    role, known = situation.role, statements or ()
    by_role = [_by_role(situation, role, action, arn) for action in actions]
    grant = _by_role(situation, role, guide.KEY_GRANT_ACTION, arn)
    by_service = [_by_service(situation, action, arn) for action in (*actions, guide.KEY_GRANT_ACTION)]
    yield Check(
        f"{role.name} may use the key", tuple(by_role), _policies(role, known, rule), policy, role.name, (), unknown
    )
    may = f"{role.name} may create grants on the key"
    yield Check(may, (grant,), _policies(role, known, rule), policy, role.name, (), unknown, by_resource=True)
    yield Check("Personalize may use the key", tuple(by_service), Policies(resource=known), policy, unknown=unknown)
    if person := situation.person:
        by_person = tuple(
            Request.of(Caller(person.arn), action, arn, _of_identity(situation, person)) for action in actions
        )
        may = f"{person.name} may use the key"
        yield Check(may, by_person, _policies(person, known, rule), policy, person.name, unknown=unknown)


def _policies(holder: Holder, resource: Statements = (), rule: ResourceRule = ResourceRule.EITHER_ALLOWS) -> Policies:
    return Policies(identity=holder.statements, boundary=holder.boundary, resource=resource, resource_rule=rule)


def _by_role(situation: Situation, role: Holder, action: str, resource: str) -> Request:
    context = {**_of_identity(situation, role), **_of_s3(situation, action)}
    return Request.of(Caller(role.arn), action, resource, context)


def _by_service(
    situation: Situation, action: str, resource: str, more: Mapping[str, str] = MappingProxyType({})
) -> Request:
    """Return a request of Personalize on behalf of the situation's resource; `more` are further keys."""
    context = {
        **_USUAL,
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": SERVICE,
        ACCOUNT_KEY: situation.account,
        ARN_KEY: situation.source_arn,
        **_of_s3(situation, action),
        **more,
    }
    return Request.of(Caller.service(SERVICE), action, resource, context)


_USUAL = {"aws:SecureTransport": "true", "kms:GrantIsForAWSResource": "true"}


def _of_identity(situation: Situation, holder: Holder) -> dict[str, str]:
    """Return the condition keys that a request of a user or role carries."""
    known = {
        **_USUAL,
        "aws:PrincipalArn": str(holder.arn),
        "aws:PrincipalAccount": holder.arn.account,
        "aws:PrincipalIsAWSService": "false",
        "aws:RequestedRegion": situation.region,
        "aws:PrincipalOrgID": situation.organization,
    }
    is_role = holder.arn.resource.startswith("role/")
    if holder.unique_id:
        known["aws:userid"] = f"{holder.unique_id}:session" if is_role else holder.unique_id
    if holder.arn.resource.startswith("user/"):
        known["aws:username"] = holder.arn.resource.rsplit("/", 1)[-1]
    return {key: value for key, value in known.items() if value}


def _of_s3(situation: Situation, action: str) -> dict[str, str]:
    """Return the condition keys of S3: a prefix that is listed, and the headers of an object that is encrypted."""
    if not action.startswith("s3:"):
        return {}
    context = {"s3:TlsVersion": "1.2", "aws:ResourceAccount": situation.bucket_account or situation.account}
    if action == guide.LIST_BUCKET and situation.prefix:
        context["s3:prefix"] = situation.prefix
    if action == guide.PUT_OBJECT and situation.keys:
        context["s3:x-amz-server-side-encryption"] = "aws:kms"
        context["s3:x-amz-server-side-encryption-aws-kms-key-id"] = next(iter(situation.keys))
    return context
