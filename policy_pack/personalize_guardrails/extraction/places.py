"""The trust policies in a resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalize_guardrails.extraction.declared import ANY, ROLE, SOMEBODY, Declared, Properties, declared, types_of
from personalize_guardrails.extraction.templates import TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENT: Final = "AssumeRolePolicyDocument"


@dataclass(frozen=True, slots=True)
class Found:
    """One trust policy. `document` is JSON text, a mapping, or UNKNOWN; `fault` says why it could not be read."""

    path: str
    """Where it stands in the resource, such as `assumeRolePolicy` or `templateBody.Resources.Role`."""
    document: object
    role_path: str = ""
    """The IAM path of the role, where it is known: service-linked roles have their own."""
    fault: str = ""
    role: str = ""
    """The role's logical id, where it is one of several in the resource."""


def trust_policies(kind: str, properties: Properties, account: str = SOMEBODY) -> Iterator[Found]:
    """The trust policies in a resource of type `kind`; `account` is the one that it is made in."""
    for each in declared(kind, properties, account):
        if each.kind in {ROLE, ANY}:
            yield from _of(each)


def watched_types() -> frozenset[str]:
    """The resource types that can carry a trust policy."""
    return _WATCHED


_WATCHED: Final = types_of(ROLE)


def _of(role: Declared) -> Iterator[Found]:
    """Its trust policy: one for each way in which the conditions of a template can turn out."""
    if role.unknown:
        yield Found(role.path, UNKNOWN)
    elif role.fault:
        yield Found(role.path, None, fault=role.fault)
    else:
        path, own = role.get("Path"), role.place(_DOCUMENT)
        role_path = path if isinstance(path, str) else ""
        try:
            for document in role.ways(_DOCUMENT):
                yield Found(own, document, role_path, role=role.name)
        except TemplateError as error:
            yield Found(own, None, role_path, str(error), role.name)
