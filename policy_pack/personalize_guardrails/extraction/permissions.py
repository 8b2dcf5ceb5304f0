"""Finds the permissions in a resource: its roles, its policies, and which policy is attached to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalize_guardrails.extraction import resource_types as types
from personalize_guardrails.extraction.declared import declared
from personalize_guardrails.extraction.templates import TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN_ACCOUNT

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared, Properties


@dataclass(frozen=True, slots=True)
class Role:
    """A role, with every trust policy that it may have. Name and ARN are empty where they are not known."""

    name: str
    arn: str
    trust: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document: JSON text, a mapping, or UNKNOWN."""

    kind: str
    """CloudFormation's name of the type that declares it."""
    path: str
    """Its path in the resource."""
    document: object
    roles: tuple[str, ...] = ()
    """The names of the roles that it applies to, as far as the resource itself says so."""
    arn: str = ""
    """The policy's own ARN, where it is a managed policy."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A managed policy, and the names of the roles among those that it is attached to."""

    kind: str
    path: str
    arn: str
    roles: tuple[str, ...]


def permissions(
    kind: str, properties: Properties, account: str = UNKNOWN_ACCOUNT, scope: str = ""
) -> Iterator[Role | Policy | Attachment]:
    """Yield the permissions that a resource of type `kind` declares; `scope` begins the names that a template omits.

    What cannot be read yields nothing here, since the trust rule reports it.
    """
    for each in declared(kind, properties, account, scope):
        try:
            yield from list(_of(each))
        except TemplateError:
            continue


def _of(one: Declared) -> Iterator[Role | Policy | Attachment]:
    """Yield what one AWS resource declares."""
    if one.kind == types.ROLE:
        name = _string(one.get("RoleName"))
        yield Role(name, _string(one.get("Arn")), tuple(one.possible_values("AssumeRolePolicyDocument")))
    roles = tuple(dict.fromkeys((*_strings(one, "RoleName"), *_strings(one, "Roles"))))
    field = "KeyPolicy" if one.kind in {types.KEY, types.KEY_POLICY} else "PolicyDocument"
    if one.kind in {*types.IDENTITY_TYPES, types.BUCKET_POLICY, types.KEY, types.KEY_POLICY}:
        for document in one.possible_values(field):
            if document is not None:
                yield Policy(one.kind, one.place(field), document, roles, _string(one.get("PolicyArn")))
        for document in _inline(one):
            yield Policy(one.kind, one.place("Policies"), document, roles)
        for arn in _strings(one, "ManagedPolicyArns"):
            yield Attachment(one.kind, one.place("ManagedPolicyArns"), arn, roles)


def _inline(one: Declared) -> Iterator[object]:
    """Yield the documents of a resource's inline policies."""
    for policies in one.possible_values("Policies"):
        for policy in policies if isinstance(policies, list) else ():
            if isinstance(policy, Mapping):
                yield policy.get(one.spelling("PolicyDocument"))


def _strings(one: Declared, field: str) -> Iterator[str]:
    """Yield every string that a field may have, as its value or in a list."""
    for value in one.possible_values(field):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield each


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
