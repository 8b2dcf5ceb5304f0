"""One AWS resource, whichever provider or template declares it."""

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
    """One AWS resource. Its fields are looked up by the names that CloudFormation gives them."""

    kind: str
    """CloudFormation's name of its type, or ANY."""
    properties: Properties
    path: str = ""
    """Where its properties are in the Pulumi resource; empty where they are the resource's own."""
    spelling: Callable[[str], str] = str
    """From CloudFormation's name of a field to the one that it has here."""
    name: str = ""
    """Its logical id, where it is one of several, behind those of the loops that it is in."""
    unknown: bool = False
    """Whether its type or its properties are not known yet."""
    fault: str = ""
    """Why it cannot be read."""
    resolver: Resolver | None = None
    language: Language = Language.JSON
    """Of the template that it is in."""

    def get(self, field: str) -> object:
        """Return the field's value, as it is written."""
        return self.properties.get(self.spelling(field))

    def possible_values(self, field: str) -> Iterator[object]:
        """Yield every value that the field can turn out to have; TemplateError where there are too many."""
        return self.outcomes(self.get(field))

    def outcomes(self, written: object) -> Iterator[object]:
        """Yield every value that what is written in it can turn out to be; TemplateError where there are too many."""
        if self.resolver:
            yield from self.resolver.branches(written)
        elif written is not None:
            yield written

    def place(self, field: str) -> str:
        """Return the path of the field in the Pulumi resource."""
        own = self.spelling(field)
        return f"{self.path}.{own}" if self.path else own
