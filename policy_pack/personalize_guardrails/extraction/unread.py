"""What a resource holds that is not looked into, though roles may be in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from personalize_guardrails.extraction.declared import Declared, Properties, outer_resources
from personalize_guardrails.extraction.intrinsic_functions import calls, members
from personalize_guardrails.extraction.resource_types import STACKS
from personalize_guardrails.extraction.templates import TemplateError, parse_template

_KNOWN_TRANSFORMS: Final = (
    "AWS::Serverless-",
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-",
)
"""The transforms that make no roles, or whose roles are checked."""
_INCLUDE: Final = "AWS::Include"
_MODULE: Final = "::MODULE"
_APPLICATION: Final = "AWS::Serverless::Application"


class Unread(NamedTuple):
    """One such thing: its path in the resource, and what it is."""

    path: str
    what: str


def unread(kind: str, properties: Properties) -> Iterator[Unread]:
    """Yield what is not looked into in a resource of type `kind`."""
    for each in outer_resources(kind, properties):
        if each.kind in STACKS:
            yield from _of_stack(each)


def _of_stack(stack: Declared) -> Iterator[Unread]:
    """Yield what is not looked into in a stack or a stack set."""
    address = stack.get("TemplateURL") or stack.get("TemplateUrl")
    if address is not None:
        yield Unread(stack.place("TemplateURL"), "a template at an address")
    body, path = stack.get("TemplateBody"), stack.place("TemplateBody")
    try:
        template = parse_template(body) if isinstance(body, str) else members(body)
    except TemplateError:
        return  # it is a violation
    yield from (Unread(f"{path}.Transform", what) for what in _transforms(template.get("Transform")))
    for name, resource in members(template.get("Resources")).items():
        place = f"{path}.Resources.{name}"
        kind, own = str(members(resource).get("Type")), members(members(resource).get("Properties"))
        if kind in STACKS:
            yield from _of_stack(Declared(kind, own, f"{place}.Properties"))
        elif kind == _APPLICATION:
            yield Unread(place, "a serverless application")
        elif kind.endswith(_MODULE):
            yield Unread(place, "a module")
    for name, argument in calls(template):
        if name == "Fn::Transform":
            yield from (Unread(path, what) for what in _transforms(argument))


def _transforms(value: Any) -> Iterator[str]:  # noqa: ANN401 - as templates write it
    """Yield what transforms insert that is not known here."""
    for each in value if isinstance(value, list) else [value]:
        name = members(each).get("Name") if isinstance(each, Mapping) else each
        if name == _INCLUDE:
            yield "what AWS::Include inserts"
        elif isinstance(name, str) and not name.startswith(_KNOWN_TRANSFORMS):
            yield "what a macro makes"
