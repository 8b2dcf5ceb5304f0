"""The policy documents of the guide, built from its tables; the only place where statements are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from personalize_guardrails import guide
from personalize_guardrails.iam import Condition, Effect, PolicyDocument, Principal, Statement
from personalize_permissions._documents.grants import BUCKET_ACTIONS
from personalize_permissions.choices import BucketUse


@dataclass(frozen=True, slots=True)
class Sources:
    """On whose behalf Personalize acts: accounts, and patterns of Personalize ARNs."""

    accounts: tuple[str, ...]
    arns: tuple[str, ...]

    def conditions(self) -> tuple[Condition, ...]:
        """Return the two conditions of "Cross-service confused deputy prevention".

        The guide writes StringLike for the ARN; IAM's own pages recommend the ARN operators, which keep `*` within
        its component.
        """
        return (
            Condition.of("StringEquals", guide.SOURCE_ACCOUNT, *self.accounts),
            Condition.of("ArnLike", guide.SOURCE_ARN, *self.arns),
        )


def allow(
    actions: Iterable[str],
    *resources: str,
    conditions: tuple[Condition, ...] = (),
    sid: str | None = None,
    principal: Principal | None = None,
) -> Statement:
    """Return an Allow; one in the policy of a resource names its `principal`."""
    return Statement(
        effect=Effect.ALLOW,
        sid=sid,
        principals=(principal,) if principal else (),
        actions=tuple(actions),
        resources=resources,
        conditions=conditions,
    )


_PERSONALIZE: Final = Principal.service(guide.SERVICE)
_USE_PERSONALIZE: Final = allow(("personalize:*",), "*")


def trust_policy(sources: Sources) -> PolicyDocument:
    """Return the service role's trust policy: Personalize may assume it, on behalf of the sources (step 3)."""
    return PolicyDocument((allow(("sts:AssumeRole",), principal=_PERSONALIZE, conditions=sources.conditions()),))


def custom_policy() -> PolicyDocument:
    """Return the policy of "Creating a new IAM policy", to the letter (step 1)."""
    return pass_only("*")


def pass_only(role_arn: str) -> PolicyDocument:
    """Return the same policy, but people may pass one role only, as a later edition of the guide has it."""
    return PolicyDocument((_USE_PERSONALIZE, pass_role(role_arn)))


def pass_none() -> PolicyDocument:
    """Return the same policy without passing roles, for the service role."""
    return PolicyDocument((_USE_PERSONALIZE,))


def pass_role(resource: str) -> Statement:
    """Return the statement that lets people pass a role to Personalize, and to no other service."""
    passed = Condition.of("StringEquals", guide.PASSED_TO_SERVICE, guide.SERVICE)
    return allow((guide.PASS_ROLE,), resource, conditions=(passed,))


@dataclass(frozen=True, slots=True)
class BucketGrant:
    """What the service may do with a bucket (step 5)."""

    partition: str
    bucket: str
    uses: frozenset[BucketUse]
    prefix: str = ""

    def for_role(self) -> PolicyDocument:
        """Return the service role's policy."""
        statements = [allow(actions, resource) for _, actions, resource in self._parts()]
        if BucketUse.METRICS in self.uses:
            statements.append(allow((guide.PUT_METRICS,), "*"))
        return PolicyDocument(tuple(statements))

    def for_bucket(self, owner: str, sources: Sources | None) -> PolicyDocument:
        """Return the bucket policy's statements; `owner` makes their Sids this permission set's own."""
        return PolicyDocument(
            tuple(_allow_service(what, owner, actions, resource, sources) for what, actions, resource in self._parts())
        )

    def _parts(self) -> Iterable[tuple[str, tuple[str, ...], str]]:
        arn = f"arn:{self.partition}:s3:::{self.bucket}"
        actions = {action for use in self.uses for action in BUCKET_ACTIONS[use]}
        if objects := tuple(sorted(actions - {guide.LIST_BUCKET})):
            yield _OBJECTS, objects, f"{arn}/{self.prefix}*"
        if guide.LIST_BUCKET in actions:
            yield _LISTING, (guide.LIST_BUCKET,), arn


_OBJECTS: Final = "PersonalizeObjects"
_LISTING: Final = "PersonalizeBucket"


def bucket_sids(owner: str) -> frozenset[str]:
    """Return the Sids that a permission set's statements may have in a bucket policy, whatever its uses are."""
    return frozenset({_sid(_OBJECTS, owner), _sid(_LISTING, owner)})


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """What the service, its role and people may do with a KMS key (step 4)."""

    key_arn: str
    dataset_export: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the actions that everybody needs on the key."""
        return (*guide.KEY_ACTIONS, *([guide.KEY_EXPORT_ACTION] if self.dataset_export else []))

    def for_identity(self) -> PolicyDocument:
        """Return the policy of the role, and of people."""
        return PolicyDocument((allow(self.actions, self.key_arn),))

    def for_key(self, owner: str, role_arn: str, sources: Sources | None) -> PolicyDocument:
        """Return the key policy's statements: one for the service, one for the role.

        Two, so that conditions on the service can never deny the role, whose requests lack the source keys.
        """
        actions = (*self.actions, guide.KEY_GRANT_ACTION)
        by_role = allow(actions, "*", sid=_sid("PersonalizeRole", owner), principal=Principal.aws(role_arn))
        return PolicyDocument((_allow_service("PersonalizeService", owner, actions, "*", sources), by_role))


def source_patterns(partition: str, region: str, accounts: Sequence[str]) -> tuple[str, ...]:
    """Return the default source ARNs: any Personalize resource of each account, in one region.

    Which resource Personalize names per operation is not documented, so the pattern ends in `:*`, as the guide's.
    """
    return tuple(f"arn:{partition}:personalize:{region}:{account}:*" for account in accounts)


def _allow_service(what: str, owner: str, actions: tuple[str, ...], on: str, sources: Sources | None) -> Statement:
    """Return a statement of a resource's policy that allows the service, on behalf of the sources where there are."""
    conditions = sources.conditions() if sources else ()
    return allow(actions, on, sid=_sid(what, owner), principal=_PERSONALIZE, conditions=conditions)


def _sid(what: str, owner: str) -> str:
    return what + sha256(owner.encode()).hexdigest()[:8]
