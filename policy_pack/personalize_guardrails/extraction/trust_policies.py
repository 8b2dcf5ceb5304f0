"""Finds the trust policies in a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from personalize_guardrails.extraction.declared import declared
from personalize_guardrails.extraction.duplicate_keys import DUPLICATES, has_duplicate_keys
from personalize_guardrails.extraction.resource_types import ANY, FUNCTION, ROLE, TRUST_POLICY, types_of
from personalize_guardrails.extraction.templates import UNRESOLVED, TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN, UNKNOWN_ACCOUNT, has_unknown, texts_in
from personalize_guardrails.iam.json_text import nested_members
from personalize_guardrails.trust.settings import Language

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared, Properties
    from personalize_guardrails.extraction.resolver import Resolver

_WATCHED: Final = types_of(ROLE, FUNCTION)


@dataclass(frozen=True, slots=True)
class LocatedTrustPolicy:
    """A trust policy and its place. `document` is JSON text, a mapping, or UNKNOWN; `fault` says why there is none."""

    path: str
    """The path in the resource, such as `assumeRolePolicy` or `templateBody.Resources.Role`."""
    document: object
    role_path: str = ""
    """The IAM path of the role, where it is known. It identifies service-linked roles."""
    fault: str = ""
    role: str = ""
    """The role's logical id, where it is in a template."""
    parameters: tuple[str, ...] = ()
    """The template's parameters without a value that the policy depends on."""
    looked_up: tuple[str, ...] = ()
    """The template's parameters that the policy depends on and that CloudFormation looks up."""
    inserted: bool = False
    """Whether a transform of the template inserts a part of it."""
    possible: tuple[object, ...] = ()
    """Every document that it may be, where its parameters have no value and declare their allowed values."""
    language: Language = Language.JSON
    """The language that remedies are written in."""
    joins: bool = False
    """Whether the template writes Fn::Join and not Fn::Sub, so that a remedy does the same."""


def trust_policies(kind: str, properties: Properties, account: str = UNKNOWN_ACCOUNT) -> Iterator[LocatedTrustPolicy]:
    """Yield the trust policies in a resource of type `kind`; `account` is the one that it is created in."""
    for each in declared(kind, properties, account):
        if each.kind in {ROLE, FUNCTION, ANY}:
            yield from _of_role(each)


def _documents(role: Declared) -> Iterator[object]:
    """Yield every trust policy that a role may have; for a serverless function, if SAM makes a role for it."""
    if role.kind != FUNCTION:
        yield from role.possible_values(TRUST_POLICY)
    elif role.get(TRUST_POLICY) is not None:
        written = {field: value for field in ("Role", TRUST_POLICY) if (value := role.get(field)) is not None}
        for fields in role.outcomes(written):
            if isinstance(fields, Mapping) and "Role" not in fields and TRUST_POLICY in fields:
                yield fields[TRUST_POLICY]


def watched_types() -> frozenset[str]:
    """Return the Pulumi types that can have a trust policy."""
    return _WATCHED


def _of_role(role: Declared) -> Iterator[LocatedTrustPolicy]:
    """Yield the trust policy of a role, once for each outcome of the conditions of its template."""
    if role.unknown or role.fault:
        yield LocatedTrustPolicy(role.path, UNKNOWN if role.unknown else None, fault=role.fault, role=role.name)
    else:
        path, own = role.get("Path"), role.place(TRUST_POLICY)
        role_path = path if isinstance(path, str) else ""
        try:
            # In a document that is text, the rule itself finds duplicate keys. An object was parsed before.
            if has_duplicate_keys(role.get(TRUST_POLICY)):
                raise TemplateError(DUPLICATES)  # noqa: TRY301 - one fault for all
            possible = _possible(role, role.resolver)
            for index, document in enumerate(_documents(role)):
                located = LocatedTrustPolicy(own, document, role_path)
                turns_out = possible[index] if possible else ()
                yield _in_template(located, role, role.resolver, turns_out) if role.resolver else located
        except TemplateError as error:
            yield LocatedTrustPolicy(own, None, role_path, str(error), role.name)


def _in_template(
    located: LocatedTrustPolicy, role: Declared, resolver: Resolver, possible: tuple[object, ...]
) -> LocatedTrustPolicy:
    """Return one outcome of a trust policy in a template, with what the template says about it."""
    written, is_unknown = role.get(TRUST_POLICY), has_unknown(located.document)
    functions = {name for name, _ in nested_members(written)}
    return replace(
        located,
        document=_with_variables(located.document),
        fault=_why_undecidable(located.document),
        role=role.name,
        parameters=resolver.unknown_parameters(written) if is_unknown else (),
        looked_up=resolver.looked_up_parameters(written),
        inserted=is_unknown and resolver.is_inserted(written),
        possible=possible if is_unknown else (),
        language=role.language,
        joins="Fn::Join" in functions and "Fn::Sub" not in functions,
    )


def _possible(role: Declared, resolver: Resolver | None) -> list[tuple[object, ...]]:
    """Return the documents that each outcome may be; an empty list where parameters may have any value."""
    known = resolver.with_allowed_values(role.get(TRUST_POLICY)) if resolver else []
    each = [map(_with_variables, _documents(replace(role, resolver=one))) for one in known]
    possible = list(zip(*each, strict=True))
    return [] if any(_why_undecidable(document) for documents in possible for document in documents) else possible


def _with_variables(document: object) -> object:
    """Return the document; with text that only CloudFormation knows, in the version that has policy variables."""
    if isinstance(document, Mapping) and any(UNRESOLVED in text for text in texts_in(document)):
        return {**document, "Version": "2012-10-17"}
    return document


def _why_undecidable(document: object) -> str:
    """Return why a document cannot be checked if only CloudFormation knows which service it lets in, else ""."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, Mapping) and statement.get("Effect") != "Deny":
            principal = statement.get("Principal")
            service = principal.get("Service") if isinstance(principal, Mapping) else principal
            if any("${" in text for text in texts_in([service, statement.get("Action")])):
                return "only CloudFormation knows which service it lets in; write the service's name and the action"
    return ""
