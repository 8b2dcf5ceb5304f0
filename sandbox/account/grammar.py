"""Parses policy documents as strictly as AWS's own parsers do.

Source: IAM User Guide, "Grammar of the IAM JSON policy language", and each service's page on its resource policies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sandbox.account.call import RefusedError

_TOP: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PRINCIPAL_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_ACTION: Final = re.compile(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+")
_ARN: Final = re.compile(r"\*|arn:[\w*?-]+:[\w*?-]+:[^:]*:[^:]*:.+")
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
    actions: str = r".+"
    principal: bool = True
    resource: bool = True
    sid: str = r"[0-9A-Za-z]*"


_ANY_SID: Final = r"[\s\S]*"
IDENTITY: Final = Dialect("MalformedPolicyDocument", principal=False)
TRUST: Final = Dialect("MalformedPolicyDocument", r"sts:[a-zA-Z*?]+", resource=False)
BUCKET: Final = Dialect("MalformedPolicy", r"\*|s3:[a-zA-Z*?]+", sid=_ANY_SID)
KEY: Final = Dialect("MalformedPolicyDocumentException", r"\*|kms:[a-zA-Z*?]+", sid=_ANY_SID)


def as_list(value: object) -> list[Any]:
    """Return a JSON value, alone or in a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def require(dialect: Dialect, text: str) -> dict[str, Any]:
    """Return the parsed document, or refuse it as AWS would."""
    try:
        document: dict[str, Any] = json.loads(text, object_pairs_hook=_unique)
    except ValueError as error:
        raise RefusedError(dialect.code, "This policy contains invalid Json") from error
    if fault := next(_document_faults(dialect, document), ""):
        raise RefusedError(dialect.code, fault)
    return document


def _document_faults(dialect: Dialect, document: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield what is wrong with a document; only the first is looked at, and what follows relies on its absence."""
    if not isinstance(document, dict):
        yield "Syntax errors in policy."
    for name in document.keys() - _TOP:
        yield f"Syntax errors in policy. (unknown field {name})"
    if document.get("Version", "2012-10-17") not in _VERSIONS:
        yield "The policy must contain a valid version string"
    statements = as_list(document.get("Statement"))
    if not statements:
        yield "Syntax errors in policy. (missing required field Statement)"
    for statement in statements:
        if not isinstance(statement, dict):
            yield "Syntax errors in policy."
        yield from _statement_faults(dialect, statement)
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(set(sids)) < len(sids):
        yield "Statement IDs (SID) in a single policy must be unique."


def _statement_faults(dialect: Dialect, statement: dict[str, Any]) -> Iterator[str]:
    for name in statement.keys() - _STATEMENT:
        yield f"Syntax errors in policy. (unknown field {name})"
    if statement.get("Effect") not in {"Allow", "Deny"}:
        yield "Syntax errors in policy. (invalid Effect)"
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not re.fullmatch(dialect.sid, sid):
        yield (
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*"
        )
    yield from _principal_faults(dialect, statement)
    yield from _action_faults(dialect, statement)
    yield from _resource_faults(dialect, statement)
    yield from _condition_faults(statement.get("Condition", {}))


def _action_faults(dialect: Dialect, statement: dict[str, Any]) -> Iterator[str]:
    yield from _either_faults(statement, "Action", "Policy statement must contain actions.")
    for action in as_list(statement.get("Action", statement.get("NotAction"))):
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            yield "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        elif not re.fullmatch(dialect.actions, action, re.IGNORECASE):
            trust = "AssumeRole policy may only specify STS AssumeRole actions."
            yield trust if dialect is TRUST else "Policy has invalid action"


def _resource_faults(dialect: Dialect, statement: dict[str, Any]) -> Iterator[str]:
    if not dialect.resource:
        if statement.keys() & {"Resource", "NotResource"}:
            yield "Has prohibited field Resource"
        return
    yield from _either_faults(statement, "Resource", "Policy statement must contain resources.")
    for resource in as_list(statement.get("Resource", statement.get("NotResource"))):
        if not isinstance(resource, str) or not _ARN.fullmatch(resource):
            message = f'Resource {resource} must be in ARN format or "*".'
            yield "Policy has invalid resource" if dialect is BUCKET else message


def _either_faults(statement: dict[str, Any], name: str, missing: str) -> Iterator[str]:
    if name in statement and f"Not{name}" in statement:
        yield f"Syntax errors in policy. ({name} and Not{name})"
    if not as_list(statement.get(name, statement.get(f"Not{name}"))):
        yield missing


def _principal_faults(dialect: Dialect, statement: dict[str, Any]) -> Iterator[str]:
    given = statement.keys() & {"Principal", "NotPrincipal"}
    if not dialect.principal:
        if given:
            yield "Policy document should not specify a principal."
        return
    if len(given) != 1:
        yield "Missing required field Principal"
    principal = statement[given.pop()]
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal or principal.keys() - _PRINCIPAL_KINDS:
        yield "Invalid principal in policy"
    for values in principal.values():
        if not as_list(values) or not all(isinstance(item, str) and item for item in as_list(values)):
            yield "Missing required field Principal cannot be empty!"


def _condition_faults(condition: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    invalid = "Syntax errors in policy. (invalid Condition)"
    if not isinstance(condition, dict):
        yield invalid
    for operator, keys in condition.items():
        if not _OPERATOR.fullmatch(operator):
            yield f"Invalid Condition type : {operator}"
        if not isinstance(keys, dict):
            yield invalid
        for values in keys.values():
            if not all(isinstance(item, str | bool | int | float) for item in as_list(values)):
                yield invalid


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result
