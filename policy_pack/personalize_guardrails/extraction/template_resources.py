"""Finds the resources of a template, and the names and ARNs that references to them resolve to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.extraction.declaration import Declared, Properties
from personalize_guardrails.extraction.duplicate_keys import DUPLICATES, doubled_keys, has_duplicate_keys
from personalize_guardrails.extraction.intrinsic_functions import TRANSFORM, members
from personalize_guardrails.extraction.resource_types import ANY, FUNCTION, ROLE, TRUST_POLICY
from personalize_guardrails.extraction.templates import UNRESOLVED, TemplateError, check_size
from personalize_guardrails.extraction.unknowns import UNKNOWN

if TYPE_CHECKING:
    from personalize_guardrails.extraction.resolver import Resolver

_LOOP: Final = "Fn::ForEach::"
_BODY: Final = 2
"""The index of the resources in a loop, after the loop's variable and its values."""
_PERSONALIZE: Final = "AWS::Personalize::"
_SHARED: Final = ("Globals", "Mappings", "Parameters")
"""The sections that the properties of resources depend on."""


def resolved_resources(template: Mapping[str, Any], resolver: Resolver, scope: str | None) -> Iterator[Declared]:
    """Yield every resource of a template, with a resolver that knows the ARNs of the others.

    With a scope, roles, managed policies and buckets have the name that they declare, or else one that begins with the
    scope, and the resolver knows these names too.
    """
    listed = list(template_resources(template))
    values = dict(_personalize_arn(each, resolver) for each in listed if each.kind.startswith(_PERSONALIZE))
    given: dict[str, dict[str, str]] = {}
    for each in listed if scope is not None else ():
        reference, given[each.name] = _names(each.kind, each.properties, f"{scope}.{each.name}", resolver)
        values |= {each.name: reference} if reference else {}
        values |= {f"{each.name}.{attribute}": value for attribute, value in given[each.name].items()}
    knowing = replace(resolver, values={**values, **resolver.values}) if values else resolver
    for each in listed:
        named = given.get(each.name, {})
        yield replace(each, properties={**each.properties, **named}, resolver=knowing)


def template_resources(template: Mapping[str, Any]) -> Iterator[Declared]:
    """Yield every resource of a template; a resource of a loop once, with the loop's variable unresolved."""
    defaults = members(members(template.get("Globals")).get("Function"))
    if doubled_keys(template) or has_duplicate_keys([template.get(section) for section in _SHARED]):
        yield Declared(ANY, {}, fault=DUPLICATES)
    waiting, seen = [("", template.get("Resources"))], set()
    while waiting:
        inside, resources = waiting.pop()
        if resources is UNKNOWN:
            yield Declared(ANY, {}, name=inside, unknown=True)
        if not isinstance(resources, Mapping) or id(resources) in seen:
            continue
        seen.add(id(resources))  # aliases can repeat a loop in YAML many times
        for key, resource in resources.items():
            name = f"{inside}{key}"
            if key in doubled_keys(resources):
                yield Declared(ANY, {}, name=name, fault=f"{DUPLICATES} (the logical id)")
            elif isinstance(resource, list) and str(key).startswith(_LOOP) and len(resource) > _BODY:
                waiting.append((f"{name}.", resource[_BODY]))
            elif isinstance(resource, Mapping) or resource is UNKNOWN:
                yield _resource(name, resource, defaults)
            else:
                yield Declared(ANY, {}, name=name, fault="its resource is not an object")


def _resource(name: str, resource: object, function_defaults: Mapping[str, Any]) -> Declared:
    """Return a resource; a serverless function with the properties that Globals has for all functions."""
    body = members(resource)
    kind, properties = body.get("Type"), body.get("Properties")
    if UNKNOWN in (resource, kind, properties):
        return Declared(kind if isinstance(kind, str) else ANY, {}, name=name, unknown=True)
    if has_duplicate_keys(body):
        return Declared(ANY if "Type" in doubled_keys(body) else str(kind), {}, name=name, fault=DUPLICATES)
    own = members(properties)
    if kind == ROLE and TRUST_POLICY not in own:
        inserting = next((place for place in (own, body) if TRANSFORM in place), None)
        own = {**own, TRUST_POLICY: {TRANSFORM: inserting[TRANSFORM]}} if inserting else own
    if kind == FUNCTION and function_defaults:
        try:
            check_size(function_defaults)
            check_size(own)
        except TemplateError as error:
            return Declared(str(kind), {}, name=name, fault=str(error))
        own = _merged(function_defaults, own)
    return Declared(str(kind), own, name=name)


def _merged(shared: Any, own: Any) -> Any:  # noqa: ANN401 - any value of a template
    """Merge a value in Globals with the resource's own as SAM does: objects and lists are joined."""
    if isinstance(shared, Mapping) and isinstance(own, Mapping):
        return {**shared, **{key: _merged(shared[key], own[key]) if key in shared else own[key] for key in own}}
    return [*shared, *own] if isinstance(shared, list) and isinstance(own, list) else own


def _personalize_arn(resource: Declared, resolver: Resolver) -> tuple[str, object]:
    """Return a reference to the ARN of a Personalize resource, such as `Group.DatasetGroupArn`, and the ARN."""
    kind = resource.kind.removeprefix(_PERSONALIZE)
    product = re.sub("(?<!^)(?=[A-Z])", "-", kind).lower()
    arn = f"arn:{resolver.partition}:personalize:{resolver.region}:{resolver.account}:{product}/{UNRESOLVED}"
    return f"{resource.name}.{kind}Arn", arn


def _names(kind: str, properties: Properties, default: str, resolver: Resolver) -> tuple[str, dict[str, str]]:
    """Return what `Ref` gives for a resource, and by attribute what `Fn::GetAtt` gives."""

    def text(field: str, otherwise: str) -> str:
        try:
            value = next(iter(resolver.branches(properties.get(field))), None)
        except TemplateError:
            return otherwise
        return value if isinstance(value, str) and "$" not in value else otherwise

    iam = f"arn:{resolver.partition}:iam::{resolver.account}"
    match kind:
        case "AWS::IAM::Role":
            name = text("RoleName", default)
            return name, {"RoleName": name, "Arn": f"{iam}:role{text('Path', '/')}{name}"}
        case "AWS::IAM::ManagedPolicy":
            arn = f"{iam}:policy{text('Path', '/')}{text('ManagedPolicyName', default)}"
            return arn, {"PolicyArn": arn}
        case "AWS::S3::Bucket":
            name = text("BucketName", default.lower())
            return name, {"Arn": f"arn:{resolver.partition}:s3:::{name}"}
    return "", {}
