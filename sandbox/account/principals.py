"""Refuses policies that name principals which do not exist, as IAM, S3 and KMS do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from moto.iam.models import IAMBackend, iam_backends

from sandbox.account.call import Call, RefusedError
from sandbox.account.grammar import as_list

_ACCOUNT: Final = re.compile(r"\d{12}")
_ARN: Final = re.compile(r"arn:(?P<partition>[\w-]+):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<entity>.+)")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_UNIQUE_ID: Final = re.compile(r"A(IDA|ROA)[A-Z0-9]+")


def require(call: Call, document: Mapping[str, Any], code: str, message: str | None = None) -> None:
    """Refuse a document that names an unknown principal; `message` replaces IAM's own wording."""
    for statement in as_list(document["Statement"]):
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if not isinstance(principal, dict):
            continue
        unknown = [f'"AWS":"{value}"' for value in as_list(principal.get("AWS")) if not _exists(call, value)]
        unknown += [
            f'"SERVICE":"{value}"' for value in as_list(principal.get("Service")) if not _SERVICE.fullmatch(value)
        ]
        if unknown:
            raise RefusedError(code, message or f"Invalid principal in policy: {unknown[0]}")


def _exists(call: Call, value: str) -> bool:
    if value == "*" or _ACCOUNT.fullmatch(value):
        return True
    if _UNIQUE_ID.fullmatch(value):  # one that nobody has any more is what a policy shows of a deleted user or role
        return value in call.iam.roles or value in {user.id for user in call.iam.users.values()}
    match = _ARN.fullmatch(value)
    if match is None or match["partition"] != call.partition:
        return False
    kind, _, name = match["entity"].partition("/")
    if match["service"] == "sts":
        return kind in {"assumed-role", "federated-user"} and bool(name)
    return match["entity"] == "root" or value in _arns(kind, match["account"], call.partition)


def _arns(kind: str, account_id: str, partition: str) -> set[str]:
    """Return the ARNs of an account's users or roles; none of an account that nobody has used."""
    if account_id not in iam_backends:
        return set()
    iam: IAMBackend = iam_backends[account_id][partition]
    kinds: dict[str, dict[str, Any]] = {"role": iam.roles, "user": iam.users}
    return {entity.arn for entity in kinds.get(kind, {}).values()}
