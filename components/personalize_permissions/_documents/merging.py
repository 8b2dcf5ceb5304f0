"""Bucket and key policies are one per resource: merge into what is there, or refuse; never overwrite."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import pulumi
import pulumi_aws as aws

from personalize_guardrails.iam import Arn, Effect, PolicyDocument, Principal, PrincipalKind, Statement
from personalize_permissions._documents.statements import is_bucket_sid
from personalize_permissions._runtime.lookup_errors import error_summary, is_wrong_region

_NO_POLICY: Final = re.compile(r"couldn't find resource|NoSuchBucketPolicy|NoSuchBucket\b|empty result")


def merged(existing: str | None, ours: PolicyDocument, *, own: AbstractSet[str] = frozenset()) -> PolicyDocument:
    """`ours` merged by Sid into the JSON of an existing policy.

    `own` are all the Sids that are this permission set's: what an earlier run wrote under one of them, and `ours` no
    longer says, goes.
    """
    if not existing:
        return ours
    policy, gone = PolicyDocument.parse(existing), own - {statement.sid for statement in ours.statements}
    return replace(policy, statements=tuple(each for each in policy.statements if each.sid not in gone)).merge(ours)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A policy that could not be looked up."""

    cause: str
    wrong_region: bool
    """Whether the bucket is in another region than the provider."""

    @classmethod
    def of(cls, error: Exception) -> "Unreadable":
        """Return what a failed lookup of a bucket policy tells; raise any other error again."""
        if "getBucketPolicy" not in str(error):
            raise error
        return cls(error_summary(error), is_wrong_region(error))


def live_bucket_policy(
    component: pulumi.Resource | None, bucket: pulumi.Input[str], provider: pulumi.ProviderResource | None = None
) -> pulumi.Output[str | None]:
    """The JSON of the policy that the bucket carries now; None where there is none, or no bucket yet."""

    def absent(error: Exception) -> str | None:
        if _NO_POLICY.search(str(error)):
            return None
        raise error

    opts = pulumi.InvokeOutputOptions(parent=component, provider=provider)
    found = aws.s3.get_bucket_policy_output(bucket=bucket, opts=opts)
    policy: pulumi.Output[str | None] = found.apply(lambda known: known.policy)
    return policy.recover(absent)


def foreign_statements(live: str | None, declared: PolicyDocument, own: AbstractSet[str]) -> list[str]:
    """Statements of the live policy that writing `declared` would lose, each described for a message.

    A statement survives if `declared` holds it, whatever its Sid and the spelling of its principals, or one of its Sid:
    then this stack states what it says. One under a Sid of `own` is nobody else's.
    """
    if not live:
        return []
    sids = own | {statement.sid for statement in declared.statements if statement.sid}
    kept = [_as_stored(statement) for statement in declared.statements]
    return [
        _described(index, statement)
        for index, statement in enumerate(PolicyDocument.parse(live).statements)
        if statement.sid not in sids and _as_stored(statement) not in kept
    ]


def _as_stored(statement: Statement) -> Statement:
    """The statement without its Sid, and with principals in one spelling: AWS keeps an account as its root's ARN."""
    return replace(
        statement,
        sid=None,
        principals=tuple(map(_one_spelling, statement.principals)),
        not_principals=tuple(map(_one_spelling, statement.not_principals)),
    )


def _one_spelling(principal: Principal) -> Principal:
    if principal.kind is PrincipalKind.ANY:
        return Principal.aws(principal.value)
    root = _ROOT.fullmatch(principal.value) if principal.kind is PrincipalKind.AWS else None
    return Principal.aws(root[1]) if root else principal


_ROOT: Final = re.compile(r"arn:[^:]+:iam::(\d{12}):root", re.ASCII)


def of_another_name(live: str | None, own: AbstractSet[str]) -> list[str]:
    """Statements of the live policy which a permission set wrote whose Sids are not `own`, described for a message."""
    statements = PolicyDocument.parse(live).statements if live else ()
    return [
        _described(index, statement)
        for index, statement in enumerate(statements)
        if is_bucket_sid(statement.sid) and statement.sid not in own
    ]


def of_another_bucket(document: PolicyDocument, bucket: str) -> list[str]:
    """Statements with a resource of another bucket, by their places alone: the document may be secret."""
    return [
        f"Statement[{index}]"
        for index, statement in enumerate(document.statements)
        if any(
            (found := _OF_BUCKET.fullmatch(resource)) and found[1] != bucket
            for resource in (*statement.resources, *statement.not_resources)
        )
    ]


_OF_BUCKET: Final = re.compile(r"arn:[^:]+:s3:::([^/*?$]+)(?:/.*)?", re.DOTALL)


def _described(index: int, statement: Statement) -> str:
    return f"Statement[{index}]" + (f" (Sid {statement.sid})" if statement.sid else "")


def keeps_administration(policy: PolicyDocument, account: str) -> bool:
    """Whether a key policy lets the account itself go on administering the key.

    It does where a statement allows the account kms:PutKeyPolicy without conditions, and none denies it to everybody.
    """
    return any(
        _administers(statement, account) for statement in policy.statements if statement.effect is Effect.ALLOW
    ) and not any(
        _administers(statement, account) for statement in policy.statements if statement.effect is Effect.DENY
    )


def _administers(statement: Statement, account: str) -> bool:
    named = any(
        principal.kind is PrincipalKind.ANY
        or (principal.kind is PrincipalKind.AWS and _is_account(principal.value, account))
        for principal in statement.principals
    )
    return named and not statement.conditions and any(_covers(action) for action in statement.actions)


def _is_account(value: str, account: str) -> bool:
    if value in {account, "*"}:
        return True
    try:
        arn = Arn.parse(value)
    except ValueError:
        return False
    return (arn.service, arn.account, arn.resource) == ("iam", account, "root")


def _covers(action: str) -> bool:
    pattern = re.escape(action.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, "kms:putkeypolicy") is not None
