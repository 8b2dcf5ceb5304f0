"""One AWS resource, whichever provider or template declares it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

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
        value = self.get(field)
        if self.resolver:
            yield from self.resolver.branches(value)
        elif value is not None:
            yield value

    def possible_fields(self, *fields: str) -> Iterator[Mapping[str, object]]:
        """Yield every combination of values that fields can turn out to have, without those that turn out absent."""
        written = {field: value for field in fields if (value := self.get(field)) is not None}
        if self.resolver is None:
            yield written
        else:
            yield from filter(_is_object, self.resolver.branches(written))

    def place(self, field: str) -> str:
        """Return the path of the field in the Pulumi resource."""
        own = self.spelling(field)
        return f"{self.path}.{own}" if self.path else own


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)
