"""Whether the principals that a policy names exist: IAM, S3 and KMS refuse a policy that names one that does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.emulator.calls import pages
from sandbox.emulator.documents import as_list
from sandbox.emulator.errors import AwsError
from sandbox.emulator.propagation import entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.emulator.session import Account

_ACCOUNT: Final = re.compile(r"\d{12}")
_ARN: Final = re.compile(r"arn:(?P<partition>[\w-]+):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<entity>.+)")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_UNIQUE_ID: Final = re.compile(r"A(IDA|ROA)[A-Z0-9]{12,}")


def require_principals(account: Account, document: Mapping[str, Any], code: str, message: str | None = None) -> None:
    """Refuse with AwsError a document that names an unknown principal; `message` replaces IAM's own wording."""
    for statement in as_list(document["Statement"]):
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if not isinstance(principal, dict):
            continue
        for value in as_list(principal.get("AWS")):
            if not _known(account, value):
                raise AwsError(code, message or f'Invalid principal in policy: "AWS":"{value}"')
        for value in as_list(principal.get("Service")):
            if not _SERVICE.fullmatch(value):
                raise AwsError(code, message or f'Invalid principal in policy: "SERVICE":"{value}"')


def _known(account: Account, value: str) -> bool:
    if value == "*" or _ACCOUNT.fullmatch(value):
        return True
    if _UNIQUE_ID.fullmatch(value):
        client = account.client("iam")
        people = (user["UserId"] for user in pages(client, "list_users", "Users"))
        return value in {*people, *(role["RoleId"] for role in pages(client, "list_roles", "Roles"))}
    match = _ARN.fullmatch(value)
    if match is None or match["partition"] != account.partition:
        return False
    return match["entity"] == "root" or _entity_exists(account, match, value)


def _entity_exists(account: Account, match: re.Match[str], arn: str) -> bool:
    kind, _, rest = match["entity"].partition("/")
    owner = account.of_account(match["account"])
    name = rest.rsplit("/", 1)[-1]
    if match["service"] == "sts":
        return kind in {"assumed-role", "federated-user"} and bool(rest)
    if kind not in {"user", "role"}:
        return False
    answer = entity(owner, kind, name)
    return answer is not None and answer[kind.capitalize()]["Arn"] == arn
