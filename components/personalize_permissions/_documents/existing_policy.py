"""The policy that a bucket or key has already, as a program gives it: JSON, or an object."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from personalize_guardrails.iam import PolicyDocument, Principal, PrincipalKind, Statement

ExistingPolicy = str | Mapping[str, Any]


def parse_existing(policy: ExistingPolicy) -> PolicyDocument:
    """Read a policy; MalformedPolicy says what is wrong with it.

    An object has the names of IAM (`NotAction`) or those of `pulumi_aws`'s types (`not_action`).
    """
    return PolicyDocument.parse(policy if isinstance(policy, str) else _with_iam_names(policy))


def _with_iam_names(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object with its own names, and those of its statements and their principals, as IAM writes them."""
    named = {_iam_name(name): value for name, value in policy.items()}
    for element in _OBJECTS & named.keys():
        value = named[element]
        if isinstance(value, Mapping):
            named[element] = _with_iam_names(value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            named[element] = [_with_iam_names(item) if isinstance(item, Mapping) else item for item in value]
    return named


def _iam_name(name: object) -> Any:  # noqa: ANN401 - what is no text is refused by its place
    if not isinstance(name, str) or not _PYTHON_NAME.fullmatch(name):
        return name
    return "AWS" if name == "aws" else "".join(part.capitalize() for part in name.split("_"))


_OBJECTS: Final = frozenset({"Statement", "Principal", "NotPrincipal"})
_PYTHON_NAME: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")


def names_deleted_principal(principal: Principal) -> bool:
    """Return whether a principal is a unique id: AWS shows it in place of the ARN of a deleted user or role."""
    return principal.kind is PrincipalKind.AWS and _UNIQUE_ID.fullmatch(principal.value) is not None


_UNIQUE_ID: Final = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,}")
"""IAM User Guide, "IAM identifiers"."""


def places(policy: PolicyDocument, chosen: Callable[[Statement], bool]) -> list[str]:
    """Return the statements that `chosen` chooses, by their places alone: the rest of the policy may be secret."""
    return [f"Statement[{index}]" for index, statement in enumerate(policy.statements) if chosen(statement)]


def has_deleted_principals(statement: Statement) -> bool:
    """Return whether a statement names a deleted user or role."""
    return any(map(names_deleted_principal, (*statement.principals, *statement.not_principals)))


def has_no_effect(statement: Statement) -> bool:
    """Return whether a statement is about deleted users and roles alone."""
    return bool(statement.principals) and all(map(names_deleted_principal, statement.principals))
