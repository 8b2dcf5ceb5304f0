"""Parses policy documents as strictly as AWS's own parsers do.

Source: IAM User Guide, "Grammar of the IAM JSON policy language", and each service's page on its resource policies.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from sandbox.account.call import RefusedError

_TOP: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_PRINCIPAL_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_ACTION: Final = re.compile(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+")
_ARN: Final = re.compile(r"\*|arn:[\w*?-]+:[\w*?-]+:[^:]*:[^:]*:.+")
_SID: Final = re.compile(r"[0-9A-Za-z]*")
_OPERATOR: Final = re.compile(
    r"((ForAllValues|ForAnyValue):)?"
    r"(String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?"
    r"|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?"
    r"|Null"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which elements a kind of policy may and must have, and the error code by which it is refused."""

    code: str
    principal: bool
    resource: bool
    sid: re.Pattern[str] | None
    action: re.Pattern[str] = _ACTION


IDENTITY: Final = Dialect("MalformedPolicyDocument", principal=False, resource=True, sid=_SID)
TRUST: Final = Dialect(
    "MalformedPolicyDocument",
    principal=True,
    resource=False,
    sid=_SID,
    action=re.compile(r"sts:[a-zA-Z*?]+", re.IGNORECASE),
)
BUCKET: Final = Dialect(
    "MalformedPolicy", principal=True, resource=True, sid=None, action=re.compile(r"\*|s3:[a-zA-Z*?]+", re.IGNORECASE)
)
KEY: Final = Dialect(
    "MalformedPolicyDocumentException",
    principal=True,
    resource=True,
    sid=None,
    action=re.compile(r"\*|kms:[a-zA-Z*?]+", re.IGNORECASE),
)


def as_list(value: object) -> list[Any]:
    """Return a JSON value, alone or in a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def require(dialect: Dialect, text: str) -> dict[str, Any]:
    """Return the parsed document, or refuse it as AWS would."""
    try:
        document = json.loads(text, object_pairs_hook=_unique)
    except ValueError as error:
        raise RefusedError(dialect.code, "This policy contains invalid Json") from error
    if not isinstance(document, dict):
        raise RefusedError(dialect.code, "Syntax errors in policy.")
    for name in document.keys() - _TOP:
        raise RefusedError(dialect.code, f"Syntax errors in policy. (unknown field {name})")
    if document.get("Version", "2012-10-17") not in _VERSIONS:
        raise RefusedError(dialect.code, "The policy must contain a valid version string")
    statements = as_list(document.get("Statement"))
    if not statements:
        raise RefusedError(dialect.code, "Syntax errors in policy. (missing required field Statement)")
    seen: set[str] = set()
    for statement in statements:
        if not isinstance(statement, dict):
            raise RefusedError(dialect.code, "Syntax errors in policy.")
        _require_statement(dialect, statement)
        sid = statement.get("Sid")
        if sid in seen:
            raise RefusedError(dialect.code, "Statement IDs (SID) in a single policy must be unique.")
        if sid:
            seen.add(sid)
    return document


def _require_statement(dialect: Dialect, statement: dict[str, Any]) -> None:
    for name in statement.keys() - _STATEMENT:
        raise RefusedError(dialect.code, f"Syntax errors in policy. (unknown field {name})")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise RefusedError(dialect.code, "Syntax errors in policy. (invalid Effect)")
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or (dialect.sid and not dialect.sid.fullmatch(sid)):
        raise RefusedError(
            dialect.code,
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*",
        )
    _require_principal(dialect, statement)
    _require_actions(dialect, statement)
    _require_resources(dialect, statement)
    _require_condition(dialect, statement.get("Condition", {}))


def _require_actions(dialect: Dialect, statement: dict[str, Any]) -> None:
    for action in _one_of(dialect, statement, "Action", "Policy statement must contain actions."):
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            unprefixed = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            raise RefusedError(dialect.code, unprefixed)
        if not dialect.action.fullmatch(action):
            message = "AssumeRole policy may only specify STS AssumeRole actions." if dialect is TRUST else None
            raise RefusedError(dialect.code, message or "Policy has invalid action")


def _require_resources(dialect: Dialect, statement: dict[str, Any]) -> None:
    if not dialect.resource:
        if statement.keys() & {"Resource", "NotResource"}:
            raise RefusedError(dialect.code, "Has prohibited field Resource")
        return
    for resource in _one_of(dialect, statement, "Resource", "Policy statement must contain resources."):
        if not isinstance(resource, str) or not _ARN.fullmatch(resource):
            message = f'Resource {resource} must be in ARN format or "*".'
            raise RefusedError(dialect.code, "Policy has invalid resource" if dialect is BUCKET else message)


def _one_of(dialect: Dialect, statement: dict[str, Any], name: str, missing: str) -> list[Any]:
    if name in statement and f"Not{name}" in statement:
        raise RefusedError(dialect.code, f"Syntax errors in policy. ({name} and Not{name})")
    values = as_list(statement.get(name, statement.get(f"Not{name}")))
    if not values:
        raise RefusedError(dialect.code, missing)
    return values


def _require_principal(dialect: Dialect, statement: dict[str, Any]) -> None:
    given = statement.keys() & {"Principal", "NotPrincipal"}
    if not dialect.principal:
        if given:
            raise RefusedError(dialect.code, "Policy document should not specify a principal.")
        return
    if len(given) != 1:
        raise RefusedError(dialect.code, "Missing required field Principal")
    principal = statement[given.pop()]
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal or principal.keys() - _PRINCIPAL_KINDS:
        raise RefusedError(dialect.code, "Invalid principal in policy")
    for values in principal.values():
        if not as_list(values) or not all(isinstance(item, str) and item for item in as_list(values)):
            raise RefusedError(dialect.code, "Missing required field Principal cannot be empty!")


def _require_condition(dialect: Dialect, condition: object) -> None:
    if not isinstance(condition, dict):
        raise RefusedError(dialect.code, "Syntax errors in policy. (invalid Condition)")
    for operator, keys in condition.items():
        if not _OPERATOR.fullmatch(operator):
            raise RefusedError(dialect.code, f"Invalid Condition type : {operator}")
        if not isinstance(keys, dict):
            raise RefusedError(dialect.code, "Syntax errors in policy. (invalid Condition)")
        for values in keys.values():
            if not all(isinstance(item, str | bool | int | float) for item in as_list(values)):
                raise RefusedError(dialect.code, "Syntax errors in policy. (invalid Condition)")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result
