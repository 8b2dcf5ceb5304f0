"""Merging into the one policy of a bucket or key: what is kept, and what would be lost."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from personalize_guardrails.iam import (
    Effect,
    PolicyDocument,
    Principal,
    PrincipalKind,
    Statement,
    account_in,
    is_account_id,
    split_arn,
)
from personalize_guardrails.iam.patterns import matches_wildcards
from personalize_permissions._documents.existing_policy import (
    ExistingPolicy,
    has_no_effect,
    names_deleted_principal,
    parse_existing,
    places,
)


def merge(
    existing: ExistingPolicy | None, ours: PolicyDocument, *, own: AbstractSet[str] = frozenset()
) -> PolicyDocument:
    """Merge `ours` by Sid into an existing policy.

    `own` are all the Sids of this permission set: a statement that an earlier run wrote under one of them, and that
    `ours` no longer has, is dropped.
    """
    if not existing:
        return ours
    policy, gone = parse_existing(existing), own - {statement.sid for statement in ours.statements}
    return replace(policy, statements=tuple(each for each in policy.statements if each.sid not in gone)).merge(ours)


def foreign_statements(live: str | None, declared: PolicyDocument, own: AbstractSet[str]) -> list[str]:
    """Return the statements of the live policy that writing `declared` would lose, each described for a message.

    A statement survives if `declared` holds it, whatever its Sid and the spelling of its principals, or holds one of
    its Sid. One under a Sid of `own` is this permission set's. One that only deleted users and roles have is no loss:
    AWS does not take back the unique ids that it shows for them.
    """
    if not live:
        return []
    sids = own | {statement.sid for statement in declared.statements if statement.sid}
    kept = [_as_stored(statement) for statement in declared.statements]
    return [
        f"Statement[{index}]" + (f" (Sid {statement.sid})" if statement.sid else "")
        for index, statement in enumerate(PolicyDocument.parse(live).statements)
        if statement.sid not in sids and not has_no_effect(statement) and _as_stored(statement) not in kept
    ]


def _as_stored(statement: Statement) -> Statement:
    """Return the statement without its Sid and deleted principals, and with principals in one spelling.

    AWS keeps an account as its root.
    """
    return replace(
        statement,
        sid=None,
        principals=_spelled_alike(statement.principals),
        not_principals=_spelled_alike(statement.not_principals),
    )


def _spelled_alike(principals: tuple[Principal, ...]) -> tuple[Principal, ...]:
    # Without any the statement would be one of a policy that names nobody.
    living = tuple(each for each in principals if not names_deleted_principal(each))
    return tuple(map(_one_spelling, living or principals))


def _one_spelling(principal: Principal) -> Principal:
    if principal.kind is PrincipalKind.ANY:
        return Principal.aws(principal.value)
    account = _account_of(principal)
    return Principal.aws(account) if account else principal


def _account_of(principal: Principal) -> str:
    """Return the account that a principal names by its id or as its root; the empty string for any other."""
    if principal.kind is not PrincipalKind.AWS:
        return ""
    if is_account_id(principal.value):
        return principal.value
    parts = split_arn(principal.value)
    return account_in(principal.value) if parts and (parts[2], parts[5]) == ("iam", "root") else ""


def statements_of_other_buckets(document: PolicyDocument, bucket: str) -> list[str]:
    """Return the statements with a resource of another bucket, by their places."""

    def is_of_other(statement: Statement) -> bool:
        found = map(_OF_BUCKET.fullmatch, (*statement.resources, *statement.not_resources))
        return any(match and match[1] != bucket for match in found)

    return places(document, is_of_other)


_OF_BUCKET: Final = re.compile(r"arn:[^:]+:s3:::([^/*?$]+)(?:/.*)?", re.DOTALL)


def keeps_administration(policy: PolicyDocument, account: str) -> bool:
    """Return whether a key policy lets the account itself go on administering the key.

    It does where a statement allows the account kms:PutKeyPolicy without conditions, and none denies it to everybody.
    """
    effects = {statement.effect for statement in policy.statements if _is_about_administration(statement, account)}
    return effects == {Effect.ALLOW}


def _is_about_administration(statement: Statement, account: str) -> bool:
    """Return whether a statement is about the account itself that puts the key's policy, without conditions."""
    everybody = {Principal.any(), Principal.aws("*")}
    return (
        any(each in everybody or _account_of(each) == account for each in statement.principals)
        and not statement.conditions
        and any(matches_wildcards(action.lower(), "kms:putkeypolicy") for action in statement.actions)
    )
