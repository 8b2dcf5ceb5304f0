"""Finds the parts of a resource that are not read although they may declare roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.extraction.declared import outer_resources
from personalize_guardrails.extraction.intrinsic_functions import TRANSFORM, members
from personalize_guardrails.extraction.resource_types import APPLICATION, PRODUCT, STACKS
from personalize_guardrails.extraction.template_resources import template_resources
from personalize_guardrails.extraction.templates import TemplateError, parse_template
from personalize_guardrails.iam.json_text import nested_members

if TYPE_CHECKING:
    from personalize_guardrails.extraction.declaration import Declared, Properties

_KNOWN_TRANSFORMS: Final = (
    "AWS::Serverless-",
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-",
)
"""The transforms that make no roles, or whose roles are checked."""
_INCLUDE: Final = "AWS::Include"
_MODULE: Final = "::MODULE"
_OUTSIDE: Final = {APPLICATION: "a serverless application", PRODUCT: "a product of Service Catalog"}
"""The types whose template is somewhere else."""


def unread(kind: str, properties: Properties) -> Iterator[tuple[str, str]]:
    """Yield path and description of what is not read in a resource; the path is empty for the resource itself."""
    for each in outer_resources(kind, properties):
        if each.kind in STACKS:
            yield from _of_stack(each)
        elif each.kind in _OUTSIDE:
            yield each.path, _OUTSIDE[each.kind]


def _of_stack(stack: Declared) -> Iterator[tuple[str, str]]:
    """Yield path and description of what is not read in a stack or stack set."""
    address = stack.get("TemplateURL") or stack.get("TemplateUrl")
    if address is not None:
        yield stack.place("TemplateURL"), "a template at an address"
    body, path = stack.get("TemplateBody"), stack.place("TemplateBody")
    try:
        template = parse_template(body) if isinstance(body, str) else members(body)
    except TemplateError:
        return  # the trust rule reports it
    yield from ((f"{path}.Transform", what) for what in _transforms(template.get("Transform")))
    for each in template_resources(template):
        place = f"{path}.Resources.{each.name}"
        if each.kind in STACKS:
            yield from _of_stack(replace(each, path=f"{place}.Properties"))
        elif each.kind in _OUTSIDE or each.kind.endswith(_MODULE):
            yield place, _OUTSIDE.get(each.kind, "a module")
    for name, argument in nested_members(template):
        if name == TRANSFORM:
            yield from ((path, what) for what in _transforms(argument))


def _transforms(value: Any) -> Iterator[str]:  # noqa: ANN401 - as templates write it
    """Yield a description of each transform whose result is not known here."""
    for each in value if isinstance(value, list) else [value]:
        name = members(each).get("Name") if isinstance(each, Mapping) else each
        if name == _INCLUDE:
            yield "what AWS::Include inserts"
        elif isinstance(name, str) and not name.startswith(_KNOWN_TRANSFORMS):
            yield "what a macro makes"
