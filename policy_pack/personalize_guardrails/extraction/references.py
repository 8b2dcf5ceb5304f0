"""The resources of a template, and the names by which its other resources refer to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from personalize_guardrails.extraction.resolver import Resolver
from personalize_guardrails.extraction.templates import TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN, Unknown

_LOOP: Final = "Fn::ForEach::"
_BODY: Final = 2
"""The index of the resources in a loop, after the loop's variable and its values."""
Properties = Mapping[str, Any]
Resource = tuple[str, str, Properties | Unknown, Resolver]


def resolved_resources(template: Mapping[str, Any], resolver: Resolver, scope: str | None) -> Iterator[Resource]:
    """Yield logical id, type, properties and resolver of every resource; the properties may be UNKNOWN.

    With a scope, roles, managed policies and buckets have the names that they declare, or one made of the scope, and
    the resolver knows them.
    """
    listed = list(_resources(template))
    if scope is None:
        yield from ((*each, resolver) for each in listed)
        return
    given = {name: _names(kind, _known(properties), f"{scope}.{name}", resolver) for name, kind, properties in listed}
    known: dict[str, object] = {}
    for name, (reference, attributes) in given.items():
        if reference:
            known[name] = reference
        known |= {f"{name}.{attribute}": value for attribute, value in attributes.items()}
    knowing = replace(resolver, values={**resolver.values, **known})
    for name, kind, properties in listed:
        yield name, kind, {**_known(properties), **given[name][1]}, knowing


def _known(properties: Properties | Unknown) -> Properties:
    return {} if isinstance(properties, Unknown) else properties


def _resources(template: Mapping[str, Any]) -> Iterator[tuple[str, str, Properties | Unknown]]:
    """Yield logical id, type and properties; those of a loop once, with the loop's variable left unresolved."""
    waiting, seen = [("", template.get("Resources"))], set()
    while waiting:
        inside, resources = waiting.pop()
        if resources is UNKNOWN:
            yield inside, "", UNKNOWN
        if not isinstance(resources, Mapping) or id(resources) in seen:
            continue
        seen.add(id(resources))  # a YAML alias can be inside what it names
        for name, resource in resources.items():
            if isinstance(resource, Mapping):
                kind, properties = resource.get("Type"), resource.get("Properties")
                if UNKNOWN in (kind, properties):
                    yield f"{inside}{name}", "" if kind is UNKNOWN else str(kind), UNKNOWN
                else:
                    yield f"{inside}{name}", str(kind), properties if isinstance(properties, Mapping) else {}
            elif resource is UNKNOWN:
                yield f"{inside}{name}", "", UNKNOWN
            elif isinstance(resource, list) and str(name).startswith(_LOOP) and len(resource) > _BODY:
                waiting.append((f"{inside}{name}.", resource[_BODY]))


def _names(kind: str, properties: Mapping[str, Any], default: str, resolver: Resolver) -> tuple[str, dict[str, str]]:
    """Return what `Ref` gives for a resource, and what `Fn::GetAtt` gives, by attribute."""

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
