"""The resources of a template, and what they are called where another resource of it names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from personalize_guardrails.extraction.templates import Resolver, TemplateError
from personalize_guardrails.extraction.unknowns import UNKNOWN, Unknown

_LOOP: Final = "Fn::ForEach::"
_TURN: Final = 2
"""Where the resources of one turn stand in a loop, after the name that changes and what it goes through."""
Properties = Mapping[str, Any]
Resource = tuple[str, str, Properties | Unknown, Resolver]


def resolved_resources(template: Mapping[str, Any], resolver: Resolver, scope: str | None) -> Iterator[Resource]:
    """Logical id, type, properties and resolver of every resource; UNKNOWN properties where anything of that is.

    With a scope, roles, managed policies and buckets carry the names that they have or are given here, and the resolver
    knows them.
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
    knowing = replace(resolver, parameters={**resolver.parameters, **known})
    for name, kind, properties in listed:
        yield name, kind, {**_known(properties), **given[name][1]}, knowing


def _known(properties: Properties | Unknown) -> Properties:
    return {} if isinstance(properties, Unknown) else properties


def _resources(template: Mapping[str, Any]) -> Iterator[tuple[str, str, Properties | Unknown]]:
    """Those that stand in loops come once, with what differs from turn to turn left open."""
    waiting, seen = [("", template.get("Resources"))], set()
    while waiting:
        inside, resources = waiting.pop()
        if resources is UNKNOWN:
            yield inside, "", UNKNOWN
        if not isinstance(resources, Mapping) or id(resources) in seen:
            continue
        seen.add(id(resources))  # an alias can stand in itself
        for name, resource in resources.items():
            if isinstance(resource, Mapping):
                kind, properties = resource.get("Type"), resource.get("Properties")
                if UNKNOWN in (kind, properties):
                    yield f"{inside}{name}", "" if kind is UNKNOWN else str(kind), UNKNOWN
                else:
                    yield f"{inside}{name}", str(kind), properties if isinstance(properties, Mapping) else {}
            elif resource is UNKNOWN:
                yield f"{inside}{name}", "", UNKNOWN
            elif isinstance(resource, list) and str(name).startswith(_LOOP) and len(resource) > _TURN:
                waiting.append((f"{inside}{name}.", resource[_TURN]))


def _names(kind: str, properties: Mapping[str, Any], called: str, resolver: Resolver) -> tuple[str, dict[str, str]]:
    """What `Ref` gives for a resource, and what `Fn::GetAtt` and the name's own property do."""

    def text(field: str, default: str) -> str:
        try:
            value = next(iter(resolver.branches(properties.get(field))), None)
        except TemplateError:
            return default
        return value if isinstance(value, str) and "$" not in value else default

    iam = f"arn:{resolver.partition}:iam::{resolver.account}"
    match kind:
        case "AWS::IAM::Role":
            name = text("RoleName", called)
            return name, {"RoleName": name, "Arn": f"{iam}:role{text('Path', '/')}{name}"}
        case "AWS::IAM::ManagedPolicy":
            arn = f"{iam}:policy{text('Path', '/')}{text('ManagedPolicyName', called)}"
            return arn, {"PolicyArn": arn}
        case "AWS::S3::Bucket":
            name = text("BucketName", called.lower())
            return name, {"Arn": f"arn:{resolver.partition}:s3:::{name}"}
    return "", {}
