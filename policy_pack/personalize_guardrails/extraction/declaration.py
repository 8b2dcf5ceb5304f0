"""The model of an AWS resource that a provider or a template declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personalize_guardrails.trust.settings import Language

if TYPE_CHECKING:
    from personalize_guardrails.extraction.resolver import Resolver

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Declared:
    """An AWS resource. Its fields are looked up by their names in CloudFormation."""

    kind: str
    """CloudFormation's name of the resource type, or ANY."""
    properties: Properties
    path: str = ""
    """The path of its properties in the Pulumi resource; empty where they are the Pulumi resource's own."""
    spelling: Callable[[str], str] = str
    """Translates CloudFormation's name of a field to its name in `properties`."""
    name: str = ""
    """The logical id of a resource in a template, after those of the loops around it."""
    unknown: bool = False
    """Whether its type or its properties are not known yet."""
    fault: str = ""
    """Why it cannot be read."""
    resolver: Resolver | None = None
    language: Language = Language.JSON
    """The language of the template that it is in."""

    def get(self, field: str) -> object:
        """Return the value of a field, unresolved."""
        return self.properties.get(self.spelling(field))

    def possible_values(self, field: str) -> Iterator[object]:
        """Yield every value that a field may have; TemplateError where there are too many."""
        return self.outcomes(self.get(field))

    def outcomes(self, written: object) -> Iterator[object]:
        """Yield every value that an expression in the template may have; TemplateError where there are too many."""
        if self.resolver:
            yield from self.resolver.branches(written)
        elif written is not None:
            yield written

    def place(self, field: str) -> str:
        """Return the path of a field in the Pulumi resource."""
        own = self.spelling(field)
        return f"{self.path}.{own}" if self.path else own
