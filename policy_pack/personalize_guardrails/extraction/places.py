"""Where a resource of each type carries trust policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalize_guardrails.extraction.templates import Resolver, TemplateError, parse_template, roles
from personalize_guardrails.extraction.unknowns import UNKNOWN

Properties = Mapping[str, Any]

SOMEBODY: Final = "000000000000"
"""Stands for the account of a stack where it is not known: no real account has this number."""


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
    reader = _READERS.get(kind)
    if reader:
        yield from reader(properties, account)


def watched_types() -> frozenset[str]:
    """The resource types that can carry a trust policy."""
    return frozenset(_READERS)


def _classic_role(properties: Properties, _account: str) -> Iterator[Found]:
    if properties.get("assumeRolePolicy") is not None:
        yield Found("assumeRolePolicy", properties["assumeRolePolicy"], _text(properties.get("path")))


def _native_role(properties: Properties, _account: str) -> Iterator[Found]:
    if properties.get("assumeRolePolicyDocument") is not None:
        document = properties["assumeRolePolicyDocument"]
        yield Found("assumeRolePolicyDocument", document, _text(properties.get("path")))


def _cloud_control(properties: Properties, _account: str) -> Iterator[Found]:
    kind, state = properties.get("typeName"), properties.get("desiredState")
    if kind is UNKNOWN or (kind == "AWS::IAM::Role" and state is UNKNOWN):
        yield Found("desiredState", UNKNOWN)
    elif kind == "AWS::IAM::Role" and state is not None:
        try:
            role = json.loads(state) if isinstance(state, str) else state
        except (ValueError, RecursionError):
            role = None
        if not isinstance(role, Mapping):
            yield Found("desiredState", None, fault="it is not a JSON object")
        elif role.get("AssumeRolePolicyDocument") is not None:
            document = role["AssumeRolePolicyDocument"]
            yield Found("desiredState.AssumeRolePolicyDocument", document, _text(role.get("Path")))


def _template_in(field: str) -> Callable[[Properties, str], Iterator[Found]]:
    def read(properties: Properties, account: str) -> Iterator[Found]:
        body = properties.get(field)
        if body is UNKNOWN:
            yield Found(field, UNKNOWN)
        elif body is not None:
            yield from in_template(body, account, properties.get("parameters"), field)

    return read


def in_template(body: object, account: str, given: object, path: str) -> Iterator[Found]:
    """The trust policies in a CloudFormation template, one for each way in which its conditions can turn out."""
    try:
        template = parse_template(body) if isinstance(body, str) else body
        if not isinstance(template, Mapping):
            raise TemplateError("it is not an object")  # noqa: TRY301 - one fault for all of them
        resolver = Resolver.of(template, account, given)
        for name, properties in roles(template):
            for document in resolver.branches(properties.get("AssumeRolePolicyDocument")):
                place = f"{path}.Resources.{name}.Properties.AssumeRolePolicyDocument"
                yield Found(place, document, _text(properties.get("Path")), role=name)
    except TemplateError as error:
        yield Found(path, None, fault=str(error))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


_READERS: Final[Mapping[str, Callable[[Properties, str], Iterator[Found]]]] = {
    "aws:iam/role:Role": _classic_role,
    "aws-native:iam:Role": _native_role,
    "aws:cloudcontrol/resource:Resource": _cloud_control,
    "aws:cloudformation/stack:Stack": _template_in("templateBody"),
    "aws:cloudformation/stackSet:StackSet": _template_in("templateBody"),
    "aws-native:cloudformation:Stack": _template_in("templateBody"),
    "aws-native:cloudformation:StackSet": _template_in("templateBody"),
}
