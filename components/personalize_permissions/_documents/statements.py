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


def trust_policy(sources: Sources) -> PolicyDocument:
    """Return the service role's trust policy: Personalize may assume it, on behalf of the sources (step 3)."""
    return _document(
        Statement(
            effect=Effect.ALLOW,
            principals=(Principal.service(guide.SERVICE),),
            actions=("sts:AssumeRole",),
            conditions=sources.conditions(),
        )
    )


def custom_policy() -> PolicyDocument:
    """Return the policy of "Creating a new IAM policy", to the letter (step 1)."""
    return _document(_use_personalize(), pass_role("*"))


def pass_only(role_arn: str) -> PolicyDocument:
    """Return the same policy, but people may pass one role only, as a later edition of the guide has it."""
    return _document(_use_personalize(), pass_role(role_arn))


def pass_none() -> PolicyDocument:
    """Return the same policy without passing roles, for the service role."""
    return _document(_use_personalize())


def _use_personalize() -> Statement:
    return Statement(effect=Effect.ALLOW, actions=("personalize:*",), resources=("*",))


def pass_role(resource: str) -> Statement:
    """Return the statement that lets people pass a role to Personalize, and to no other service."""
    return Statement(
        effect=Effect.ALLOW,
        actions=(guide.PASS_ROLE,),
        resources=(resource,),
        conditions=(Condition.of("StringEquals", guide.PASSED_TO_SERVICE, guide.SERVICE),),
    )


@dataclass(frozen=True, slots=True)
class BucketGrant:
    """What the service may do with a bucket (step 5)."""

    partition: str
    bucket: str
    uses: frozenset[BucketUse]
    prefix: str = ""

    def for_role(self) -> PolicyDocument:
        """Return the service role's policy."""
        statements = [
            Statement(effect=Effect.ALLOW, actions=actions, resources=(resource,))
            for _, actions, resource in self._parts()
        ]
        if BucketUse.METRICS in self.uses:
            statements.append(Statement(effect=Effect.ALLOW, actions=(guide.PUT_METRICS,), resources=("*",)))
        return _document(*statements)

    def for_bucket(self, owner: str, sources: Sources | None) -> PolicyDocument:
        """Return the bucket policy's statements; `owner` makes their Sids this permission set's own."""
        return _document(
            *(
                Statement(
                    sid=_sid(what, owner),
                    effect=Effect.ALLOW,
                    principals=(Principal.service(guide.SERVICE),),
                    actions=actions,
                    resources=(resource,),
                    conditions=sources.conditions() if sources else (),
                )
                for what, actions, resource in self._parts()
            )
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
    """Return the Sids under which a permission set's statements may have in a bucket policy, whatever its uses are."""
    return frozenset({_sid(_OBJECTS, owner), _sid(_LISTING, owner)})


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """What the service, its role and people may do with a KMS key (step 4)."""

    key_arn: str
    dataset_export: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """What everybody needs on the key."""
        return (*guide.KEY_ACTIONS, *([guide.KEY_EXPORT_ACTION] if self.dataset_export else []))

    def for_identity(self) -> PolicyDocument:
        """Return the policy of the role, and of people."""
        return _document(Statement(effect=Effect.ALLOW, actions=self.actions, resources=(self.key_arn,)))

    def for_key(self, owner: str, role_arn: str, sources: Sources | None) -> PolicyDocument:
        """Return the key policy's statements: one for the service, one for the role.

        Two, so that conditions on the service can never deny the role, whose requests lack the source keys.
        """
        actions = (*self.actions, guide.KEY_GRANT_ACTION)
        return _document(
            Statement(
                sid=_sid("PersonalizeService", owner),
                effect=Effect.ALLOW,
                principals=(Principal.service(guide.SERVICE),),
                actions=actions,
                resources=("*",),
                conditions=sources.conditions() if sources else (),
            ),
            Statement(
                sid=_sid("PersonalizeRole", owner),
                effect=Effect.ALLOW,
                principals=(Principal.aws(role_arn),),
                actions=actions,
                resources=("*",),
            ),
        )


def source_patterns(partition: str, region: str, accounts: Sequence[str]) -> tuple[str, ...]:
    """Return the default source ARNs: any Personalize resource of each account, in one region.

    Which resource Personalize names per operation is not documented, so the pattern ends in `:*`, as the guide's.
    """
    return tuple(f"arn:{partition}:personalize:{region}:{account}:*" for account in accounts)


def _sid(what: str, owner: str) -> str:
    return what + sha256(owner.encode()).hexdigest()[:8]


def _document(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(statements)
