"""What KMS refuses and moto would accept (KMS Developer Guide, "Key policies", "Key states")."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.kms.models import kms_backends

from sandbox.account import constraints, grammar, principals
from sandbox.account.call import Call, RefusedError
from sandbox.account.grammar import as_list

_POLICY_BYTES: Final = 32768
_NEEDED: Final = "kms:putkeypolicy"
_ON_ANY_STATE: Final = frozenset({"CancelKeyDeletion", "DeleteAlias"})


def refuse(call: Call) -> None:
    """Refuse the call by AWS's code where KMS would."""
    constraints.require("kms", call)
    key_id = str(call.parameters.get("TargetKeyId") or call.parameters.get("KeyId", ""))
    if call.operation == "PutKeyPolicy" and "alias/" in key_id:
        raise RefusedError("InvalidArnException", f"Key Aliases are not supported for this operation: {key_id}")
    key = kms_backends[call.account_id][call.region].keys.get(key_id.rsplit("/", 1)[-1])
    if key and key.key_state == "PendingDeletion" and call.writes and call.operation not in _ON_ANY_STATE:
        raise RefusedError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if call.operation in {"CreateKey", "PutKeyPolicy"} and call.parameters.get("Policy"):
        _require_policy(call, key.arn if key else "*")


def _require_policy(call: Call, arn: str) -> None:
    """Refuse what KMS would not take as a key policy; `arn` is the key's, `*` where it does not exist yet."""
    text = call.parameters["Policy"]
    if len(text.encode()) > _POLICY_BYTES:
        raise RefusedError("LimitExceededException", f"The key policy exceeds {_POLICY_BYTES} bytes")
    document = grammar.require(grammar.KEY, text)
    invalid = "Policy contains a statement with one or more invalid principals."
    principals.require(call, document, grammar.KEY.code, invalid)
    if not call.parameters.get("BypassPolicyLockoutSafetyCheck") and not _caller_may_put(call, arn, document):
        locked = "The new key policy will not allow you to update the key policy in the future."
        raise RefusedError(grammar.KEY.code, locked)


def _caller_may_put(call: Call, arn: str, document: dict[str, Any]) -> bool:
    """Return whether the account, for which the caller acts, keeps kms:PutKeyPolicy."""
    callers = {"*", call.account_id, f"arn:{call.partition}:iam::{call.account_id}:root"}
    effects = {
        statement["Effect"]
        for statement in as_list(document["Statement"])
        if not statement.get("Condition")
        and _covers(statement, "Action", lambda item: fnmatchcase(_NEEDED, item.lower()))
        and _covers(statement, "Resource", lambda item: item == "*" or fnmatchcase(arn, item))
        and _covers(statement, "Principal", callers.__contains__)
    }
    return effects == {"Allow"}


def _covers(statement: dict[str, Any], element: str, matches: Callable[[str], bool]) -> bool:
    given = statement.get(element, statement.get(f"Not{element}"))
    named = any(matches(item) for item in as_list(given.get("AWS") if isinstance(given, dict) else given))
    return named == (element in statement)
