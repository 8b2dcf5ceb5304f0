"""Values on their way between Pulumi and Terraform: names, kinds, unknowns, and msgpack as Terraform writes it.

On Terraform's side an object has all its fields by their Terraform names, null where nothing is said. On Pulumi's side
fields that say nothing are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgpack

from sandbox.bridge.wire import UNKNOWN, has_unknown

if TYPE_CHECKING:
    from sandbox.bridge.schema import Shape

_MARKS: Final = frozenset({"__defaults", "__meta"})
_UNKNOWN_EXTENSION: Final = msgpack.ExtType(0, b"\0")


class MismatchError(Exception):
    """A value that its property cannot have."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path


def pack(value: object) -> dict[str, bytes]:
    """Return a value of Terraform's as the fields of a message."""
    return {"msgpack": msgpack.packb(value, default=lambda _: _UNKNOWN_EXTENSION)}


def unpack(message: Any) -> Any:  # noqa: ANN401 - a message of any value
    """Return the value in a message."""
    if not message.msgpack:
        return None
    return msgpack.unpackb(message.msgpack, ext_hook=lambda *_: UNKNOWN, strict_map_key=False)


def to_terraform(shape: Shape, value: Any, path: str = "") -> Any:  # noqa: ANN401 - any value
    """Return a value of Pulumi's as Terraform has it; MismatchError where its kind is another."""
    if value is None or value is UNKNOWN or shape.kind == "dynamic":
        return value
    if shape.single:
        value = value if isinstance(value, list) else [value]
    if shape.kind == "object":
        return object_to_terraform(shape, _expect(value, dict, "an object", path), path)
    if shape.kind in {"list", "set"}:
        items = _expect(value, list, "a list", path)
        return [to_terraform(_element(shape), item, f"{path}[{index}]") for index, item in enumerate(items)]
    if shape.kind == "map":
        entries = _expect(value, dict, "a map", path)
        return {
            name: to_terraform(_element(shape), item, f"{path}.{name}")
            for name, item in entries.items()
            if name not in _MARKS
        }
    return _scalar(shape.kind, value, path)


def object_to_terraform(shape: Shape, value: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return an object with all fields of its shape; properties that the shape does not have are left out."""
    prefix = f"{path}." if path else ""
    done = {}
    for name, field in shape.fields.items():
        given = value.get(field.pulumi_name)
        done[name] = field.absent if given is None else to_terraform(field.shape, given, f"{prefix}{field.pulumi_name}")
    return done


def to_pulumi(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - any value
    """Return a value of Terraform's as Pulumi has it."""
    if value is None or value is UNKNOWN or shape.kind == "dynamic":
        return value
    if shape.kind == "object":
        return {
            field.pulumi_name: to_pulumi(field.shape, value[name])
            for name, field in shape.fields.items()
            if value.get(name) is not None and not (field.block and value[name] == field.absent)
        }
    if shape.kind in {"list", "set"}:
        items = [to_pulumi(_element(shape), item) for item in value]
        return items if not shape.single else items[0] if items else None
    if shape.kind == "map":
        return {name: to_pulumi(_element(shape), item) for name, item in value.items()}
    return value


def unknown_properties(shape: Shape, value: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401
    """Yield the paths of properties that a value has and its shape has not, each with the names that there are."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown_properties(shape.element or shape, item, f"{path}[{index}]")
    elif isinstance(value, dict):
        shape = shape.element if shape.single and shape.element else shape
        fields = {field.pulumi_name: field.shape for field in shape.fields.values() if field.settable}
        for name, item in value.items():
            place = f"{path}.{name}" if path else name
            if shape.kind == "map" or name in fields:
                yield from unknown_properties(fields.get(name) or _element(shape), item, place)
            elif shape.kind == "object" and name not in _MARKS and item is not None:
                yield place, list(fields)


def _element(shape: Shape) -> Shape:
    if shape.element is None:
        raise TypeError(f"a {shape.kind} without an element")
    return shape.element


def _expect(value: Any, kind: type, called: str, path: str) -> Any:  # noqa: ANN401 - any value
    if not isinstance(value, kind):
        raise MismatchError(path, f"expected {called} for '{path}', got {_kind_of(value)}")
    return value


def _scalar(kind: str, value: Any, path: str) -> Any:  # noqa: ANN401 - any value
    """Convert as Terraform does: true and "true", 5 and "5" are the same; a document may be an object."""
    if kind == "string" and isinstance(value, dict):
        return UNKNOWN if has_unknown(value) else json.dumps(value, separators=(",", ":"))
    if kind == "string" and not isinstance(value, list):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "bool" and (isinstance(value, bool) or value in {"true", "false"}):
        return value is True or value == "true"
    if kind == "number" and not isinstance(value, bool):
        if isinstance(value, int | float):
            return value
        try:
            return int(value) if str(value).lstrip("-").isdigit() else float(value)
        except (TypeError, ValueError):
            pass
    raise MismatchError(path, f"expected a {kind} for '{path}', got {_kind_of(value)}")


def _kind_of(value: object) -> str:
    kinds = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), type(value).__name__)
