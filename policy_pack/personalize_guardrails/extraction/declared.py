"""Finds the AWS resources that a Pulumi resource declares, in each provider's form and in templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from personalize_guardrails.extraction.declaration import Declared, Properties
from personalize_guardrails.extraction.duplicate_keys import DUPLICATES, has_duplicate_keys, parsed
from personalize_guardrails.extraction.resolver import Resolver
from personalize_guardrails.extraction.resource_types import (
    ANY,
    CLOUD_CONTROL,
    EXTENSION,
    STACKS,
    field_names,
    pulumi_type,
)
from personalize_guardrails.extraction.template_resources import resolved_resources
from personalize_guardrails.extraction.templates import TemplateError, parse_template
from personalize_guardrails.extraction.unknowns import UNKNOWN, UNKNOWN_ACCOUNT
from personalize_guardrails.trust.settings import Language


def declared(
    kind: str, properties: Properties, account: str = UNKNOWN_ACCOUNT, scope: str | None = None
) -> Iterator[Declared]:
    """Yield the AWS resources that a Pulumi resource of type `kind` declares; `account` is where they are created.

    With a scope, references inside a template resolve to names for its roles, policies and buckets.
    """
    for each in outer_resources(kind, properties):
        yield from _of_stack(each, account, scope) if each.kind in STACKS else (each,)


def outer_resources(kind: str, properties: Properties) -> Iterator[Declared]:
    """Yield what a Pulumi resource declares itself, without the resources in the template of a stack."""
    if pulumi_type(kind) == CLOUD_CONTROL:
        yield from _of_cloud_control(properties)
    elif kind == EXTENSION:
        yield from _of_extension(properties)
    elif known := field_names(kind):
        yield Declared(known[0], properties, spelling=known[1])


def _of_cloud_control(properties: Properties) -> Iterator[Declared]:
    """Yield the resource in the desired state of a Cloud Control resource."""
    kind, state = properties.get("typeName"), properties.get("desiredState")
    if kind is UNKNOWN or (isinstance(kind, str) and state is UNKNOWN):
        yield Declared(kind if isinstance(kind, str) else ANY, {}, "desiredState", unknown=True)
    elif isinstance(kind, str):
        # What AWS returned has the names that AWS generated, and all properties of an imported resource.
        returned = _object(properties.get("properties"))
        desired = returned if state is None else _object(state)
        if desired is None:
            yield Declared(kind, {}, "desiredState", fault="it is not a JSON object")
            return
        returned = returned or {}
        fault = DUPLICATES if has_duplicate_keys([desired, returned]) else ""
        yield Declared(kind, {**returned, **desired}, "desiredState", fault=fault)


def _of_extension(properties: Properties) -> Iterator[Declared]:
    """Yield the resource that an ExtensionResource of the native provider declares."""
    kind, own = properties.get("type"), properties.get("properties")
    if UNKNOWN in (kind, own):
        yield Declared(kind if isinstance(kind, str) else ANY, {}, "properties", unknown=True)
    elif isinstance(kind, str) and isinstance(own, Mapping):
        yield Declared(kind, own, "properties")


def _of_stack(stack: Declared, account: str, scope: str | None) -> Iterator[Declared]:
    """Yield the resources in the template of a stack or stack set, and in the templates of those inside it."""
    if stack.unknown or stack.fault:
        yield replace(stack, kind=ANY)
        return
    body, path = stack.get("TemplateBody"), stack.place("TemplateBody")
    if body is UNKNOWN:
        yield Declared(ANY, {}, path, unknown=True)
    elif has_duplicate_keys(stack.get("Parameters")):
        yield Declared(ANY, {}, stack.place("Parameters"), fault=DUPLICATES)
    elif body is not None:
        try:
            template = parse_template(body) if isinstance(body, str) else body
            if not isinstance(template, Mapping):
                raise TemplateError("it is not an object")  # noqa: TRY301 - one fault for all of them
        except TemplateError as error:
            yield Declared(ANY, {}, path, fault=str(error))
            return
        resolver = Resolver.of(template, account, stack.get("Parameters"))
        is_json = not isinstance(body, str) or body.lstrip().startswith("{")
        language = Language.CLOUDFORMATION_JSON if is_json else Language.CLOUDFORMATION_YAML
        for each in resolved_resources(template, resolver, scope):
            place = f"{path}.Resources.{each.name}.Properties" if each.name else path
            made = replace(each, path=place, language=language)
            yield from _of_inner_stack(made, account, scope) if made.kind in STACKS else (made,)


def _of_inner_stack(stack: Declared, account: str, scope: str | None) -> Iterator[Declared]:
    """Yield the resources of a stack or stack set that is itself declared in a template."""
    body = stack.get("TemplateBody")
    if stack.unknown or stack.fault:
        yield replace(stack, kind=ANY)
    elif isinstance(body, str):
        inner = None if scope is None else f"{scope}.{stack.name}"
        yield from _of_stack(Declared(stack.kind, stack.properties, stack.path), account, inner)
    elif body is not None:
        yield Declared(ANY, {}, stack.place("TemplateBody"), name=stack.name, fault="a function makes its template")


def _object(value: object) -> Mapping[str, Any] | None:
    """Return the value if it is an object, or the object in its JSON text; None where there is none."""
    read = parsed(value)
    return read if isinstance(read, Mapping) else None
