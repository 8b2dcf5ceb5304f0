"""What KMS accepts as a key policy (KMS Developer Guide, "Key policies", "Default key policy")."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from sandbox.emulator import grammar
from sandbox.emulator.documents import as_list
from sandbox.emulator.errors import AwsError
from sandbox.emulator.principals import require_principals

if TYPE_CHECKING:
    from sandbox.emulator.session import Account

_POLICY_BYTES: Final = 32768
_CODE: Final = "MalformedPolicyDocumentException"
_NEEDED: Final = "kms:putkeypolicy"


def default_policy(account: Account) -> str:
    """The policy that a key has when none is given: the account's own IAM decides."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{account.partition}:iam::{account.account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [statement]})


def require_key_policy(account: Account, arn: str, text: str, *, bypass: bool) -> None:
    """AwsError when KMS would refuse the document; `arn` is the key's, `*` where it does not exist yet."""
    if len(text.encode()) > _POLICY_BYTES:
        raise AwsError("LimitExceededException", f"The key policy exceeds {_POLICY_BYTES} bytes")
    document = grammar.require(grammar.KEY, text)
    invalid = "Policy contains a statement with one or more invalid principals."
    require_principals(account, document, _CODE, invalid)
    if not bypass and not _caller_may_put(account, arn, document):
        locked = "The new key policy will not allow you to update the key policy in the future."
        raise AwsError(_CODE, locked)


def _caller_may_put(account: Account, arn: str, document: dict[str, Any]) -> bool:
    """Whether the caller, or the account for which the caller may act, keeps kms:PutKeyPolicy."""
    statements = [item for item in as_list(document["Statement"]) if _covers(account, arn, item)]
    allowed = any(item["Effect"] == "Allow" and not item.get("Condition") for item in statements)
    denied = any(item["Effect"] == "Deny" and not item.get("Condition") for item in statements)
    return allowed and not denied


def _covers(account: Account, arn: str, statement: dict[str, Any]) -> bool:
    return _covers_action(statement) and _covers_resource(arn, statement) and _covers_caller(account, statement)


def _covers_action(statement: dict[str, Any]) -> bool:
    named = any(fnmatchcase(_NEEDED, str(item).lower()) for item in as_list(statement.get("Action")))
    if "Action" in statement:
        return named
    return not any(fnmatchcase(_NEEDED, str(item).lower()) for item in as_list(statement.get("NotAction")))


def _covers_resource(arn: str, statement: dict[str, Any]) -> bool:
    resources = as_list(statement.get("Resource", statement.get("NotResource")))
    named = any(item == "*" or fnmatchcase(arn, item) for item in resources)
    return named if "Resource" in statement else not named


def _covers_caller(account: Account, statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    root = f"arn:{account.partition}:iam::{account.account_id}:root"
    callers = {"*", root, account.account_id, account.identity["Arn"]}
    named = principal == "*" or (isinstance(principal, dict) and bool(callers & set(as_list(principal.get("AWS")))))
    return named if "Principal" in statement else not named
