"""The trust policies in a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from personalize_guardrails.extraction.declared import (
    ANY,
    FUNCTION,
    ROLE,
    SOMEBODY,
    Declared,
    Properties,
    declared,
    types_of,
)
from personalize_guardrails.extraction.repeated import has_repeated
from personalize_guardrails.extraction.templates import UNRESOLVED, TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN, texts_in

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
        if each.kind in {ROLE, ANY} or (each.kind == FUNCTION and (each.unknown or each.get(_DOCUMENT) is not None)):
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
            # The text of a document is the rule's to read; here it is read with the role's.
            if has_repeated(role.get(_DOCUMENT)):
                raise TemplateError("a key stands twice in it, and which of them counts is not known")  # noqa: TRY301 - one fault for all
            for document in role.ways(_DOCUMENT):
                if role.resolver:
                    yield Found(own, _with_variables(document), role_path, _left_open(document), role.name)
                else:
                    yield Found(own, document, role_path)
        except TemplateError as error:
            yield Found(own, None, role_path, str(error), role.name)


def _with_variables(document: object) -> object:
    """The document, of the version in which text that only CloudFormation knows is no plain text to the rule."""
    if isinstance(document, Mapping) and any(UNRESOLVED in text for text in texts_in(document)):
        return {**document, "Version": "2012-10-17"}
    return document


def _left_open(document: object) -> str:
    """Why it cannot be judged, where only CloudFormation knows whether an Allow lets a service in."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, Mapping) and statement.get("Effect") != "Deny":
            principal = statement.get("Principal")
            service = principal.get("Service") if isinstance(principal, Mapping) else principal
            if any("${" in text for text in texts_in([service, statement.get("Action")])):
                return "only CloudFormation knows which service it lets in; write the service's name and the action"
    return ""
