"""What the provider's schema says of a type, with the names that pulumi-aws gives its properties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.bridge.names import FLATTENED, RENAMED, property_name

if TYPE_CHECKING:
    from sandbox.bridge.protocol import Message

Kind = Literal["string", "number", "bool", "dynamic", "list", "set", "map", "object"]

_NESTINGS: Final[Mapping[int, Kind]] = {1: "object", 2: "list", 3: "set", 4: "map", 5: "object"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A value's type. `single`: a list or set of at most one object, which pulumi-aws has as the object itself."""

    kind: Kind
    element: Shape | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    """The fields of an object, by their Terraform names."""
    single: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute or a nested block. A block that is absent is empty, an attribute is null."""

    name: str
    pulumi_name: str
    shape: Shape
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    deprecated: bool = False
    block: bool = False

    @property
    def settable(self) -> bool:
        """Whether a program may set it."""
        return self.required or self.optional

    @property
    def absent(self) -> Any:  # noqa: ANN401 - any value
        """Return the value where nothing is said."""
        empty: dict[str, object] = {"list": [], "set": [], "map": {}}
        return empty.get(self.shape.kind) if self.block else None


def object_shape(block: Message, type_name: str = "") -> Shape:
    """Return the shape of a block, of a type's outermost one where the type is named."""
    fields = [_attribute(item) for item in block.attributes] + [_nested(item) for item in block.block_types]
    renamed = RENAMED.get(type_name, {})
    return Shape(
        "object",
        fields={each.name: replace(each, pulumi_name=renamed.get(each.name, each.pulumi_name)) for each in fields},
    )


def _attribute(attribute: Message) -> Field:
    shape = _type_shape(json.loads(attribute.type))
    return Field(
        attribute.name,
        property_name(attribute.name, plural=shape.kind in {"list", "set"}),
        shape,
        attribute.required,
        attribute.optional,
        attribute.computed,
        attribute.sensitive,
        attribute.deprecated,
    )


def _nested(nested: Message) -> Field:
    kind = _NESTINGS[nested.nesting]
    within = object_shape(nested.block)
    single = kind in {"list", "set"} and (nested.max_items == 1 or nested.type_name in FLATTENED)
    shape = within if kind == "object" else Shape(kind, element=within, single=single)
    return Field(
        nested.type_name,
        property_name(nested.type_name, plural=kind in {"list", "set"} and not single),
        shape,
        required=nested.min_items > 0,
        optional=nested.min_items == 0,
        deprecated=nested.block.deprecated,
        block=True,
    )


def _type_shape(kind: Any) -> Shape:  # noqa: ANN401 - the JSON of a type
    if isinstance(kind, str):
        return Shape(kind)  # type: ignore[arg-type] # the schema's own names
    name, inner = kind[0], kind[1]
    if name == "object":
        return Shape("object", fields={key: _object_field(key, _type_shape(value)) for key, value in inner.items()})
    if name == "tuple":
        return Shape("list", element=Shape("dynamic"))
    return Shape(name, element=_type_shape(inner))


def _object_field(name: str, shape: Shape) -> Field:
    named = property_name(name, plural=shape.kind in {"list", "set"})
    return Field(name, named, shape, optional=True, computed=True)
