"""What the installed pulumi-aws knows of a type: read from its sources, one type at a time, without importing them.

Importing pulumi_aws costs seconds and hundreds of megabytes; a type's own file is parsed in milliseconds.
"""

from __future__ import annotations

import ast
import json
import re
import threading
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.emulator.wire import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SCALARS: Final = {"str": "string", "bool": "boolean", "int": "integer", "float": "number"}
_ACCEPTED: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str, bool, int, float),
    "boolean": (bool, str),
    "integer": (int, str),
    "number": (int, float, str),
    "list": (list,),
    "map": (dict,),
    "object": (dict,),
}
"""Python types that the real provider takes for a kind: it coerces scalars as Terraform does."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A property's type. `kind` is a key of JSON-schema-like kinds, `any` where the source allows several."""

    kind: str
    element: Shape | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """An input or output property, by its camelCase name."""

    name: str
    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class ResourceSchema:
    """Inputs and outputs of one resource type; `secrets` are outputs that are always secret."""

    module: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class FunctionSchema:
    """Argument and result names of one invoke."""

    arguments: frozenset[str]
    results: frozenset[str]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an input is refused; `property` is its path, empty for the resource as a whole."""

    property: str
    reason: str


@cache
def package() -> Path:
    """The folder of the installed pulumi_aws."""
    spec = find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise RuntimeError("pulumi-aws is not installed: pip install pulumi-aws")
    return Path(spec.origin).parent


@cache
def version() -> str:
    """The version of the installed pulumi-aws."""
    return str(json.loads((package() / "pulumi-plugin.json").read_text(encoding="utf-8"))["version"])


@cache
def resource(token: str) -> ResourceSchema:
    """The schema of a resource type such as `aws:iam/role:Role`; KeyError when pulumi-aws has no such type."""
    module, source = _source(token)
    class_name = token.rsplit(":", 1)[1]
    marker = f'@pulumi.type_token("{token}")'
    if marker not in source:
        raise KeyError(token)
    classes = _classes(source.split(marker, 1)[0])  # the resource class itself is long and tells nothing more
    inputs = _properties(classes[f"{class_name}Args"])
    state = classes.get(f"_{class_name}State")
    return ResourceSchema(module, inputs, _properties(state) if state else inputs)


@cache
def provider() -> ResourceSchema:
    """The schema of the provider resource `pulumi:providers:aws`."""
    source = (package() / "provider.py").read_text(encoding="utf-8")
    inputs = _properties(_classes(source.split("@pulumi.type_token", 1)[0])["ProviderArgs"])
    return ResourceSchema("", inputs, inputs)


@cache
def function(token: str) -> FunctionSchema:
    """The schema of an invoke such as `aws:iam/getRole:getRole`; KeyError when pulumi-aws has no such function."""
    _, source = _source(token, prefix="")
    if f"'{token}'" not in source:
        raise KeyError(token)
    name = token.rsplit(":", 1)[1]
    result = _classes(source)[f"{name[0].upper()}{name[1:]}Result"]
    return FunctionSchema(frozenset(re.findall(r"__args__\['(\w+)'\]", source)), frozenset(_names(result).values()))


def failures(schema: ResourceSchema, inputs: Mapping[str, object]) -> list[Failure]:
    """Inputs that the type does not have, inputs of a wrong kind, and required inputs that are missing."""
    return list(_failures(schema.module, schema.inputs, inputs, ""))


def _failures(module: str, known: Mapping[str, Property], given: Mapping[str, object], path: str) -> Iterator[Failure]:
    for name, value in given.items():
        if name == "__defaults" or value is None:
            continue
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.0)
            hint = f", did you mean '{path}{near[0]}'?" if near else ""
            yield Failure(f"{path}{name}", f"unknown property '{path}{name}'{hint}")
        else:
            yield from _mismatches(module, known[name].shape, value, f"{path}{name}")
    for name, prop in known.items():
        if prop.required and given.get(name) is None:
            yield Failure(f"{path}{name}", f"missing required property '{path}{name}'")


def _mismatches(module: str, shape: Shape, value: object, path: str) -> Iterator[Failure]:
    if value is UNKNOWN or value is None or shape.kind == "any":
        return
    if not isinstance(value, _ACCEPTED[shape.kind]):
        yield Failure(path, f"expected a {shape.kind} for '{path}', got a {_kind_of(value)}")
    elif isinstance(value, list) and shape.element:
        for index, item in enumerate(value):
            yield from _mismatches(module, shape.element, item, f"{path}[{index}]")
    elif isinstance(value, dict) and shape.element:
        for name, item in value.items():
            yield from _mismatches(module, shape.element, item, f"{path}.{name}")
    elif isinstance(value, dict) and shape.ref:
        yield from _failures(module, _nested(module, shape.ref), value, f"{path}.")


def _kind_of(value: object) -> str:
    kinds = {bool: "boolean", str: "string", int: "integer", float: "number", list: "list", dict: "map"}
    return kinds.get(type(value), type(value).__name__)


@cache
def _nested(module: str, name: str) -> Mapping[str, Property]:
    """The properties of a nested input type, cut out of its module's large `_inputs.py`."""
    source = (package() / module / "_inputs.py").read_text(encoding="utf-8")
    match = re.search(rf"^class {name}:\n.*?(?=^\S)", source + "\n#", re.MULTILINE | re.DOTALL)
    if match is None:
        raise KeyError(name)
    return _properties(_classes(match.group())[name])


def _source(token: str, prefix: str = "") -> tuple[str, str]:
    _, member, _ = token.split(":")
    module, _, file = member.partition("/")
    module = "" if module == "index" else module
    snake = re.sub(r"([A-Z])", lambda match: f"_{match.group(1).lower()}", prefix + file)
    path = package() / module / f"{snake}.py"
    if not path.is_file():
        raise KeyError(token)
    return module, path.read_text(encoding="utf-8")


_one_parser: Final = threading.Lock()
"""Python 3.11 gives up ("AST constructor recursion depth mismatch") where two threads parse at the same time."""


def _classes(source: str) -> dict[str, ast.ClassDef]:
    with _one_parser:
        parsed = ast.parse(source)
    return {node.name: node for node in parsed.body if isinstance(node, ast.ClassDef)}


def _names(node: ast.ClassDef) -> dict[str, str]:
    """Python names of a class's properties and their camelCase names."""
    names: dict[str, str] = {}
    for item in node.body:
        if not isinstance(item, ast.FunctionDef):
            continue
        for decorator in item.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            target = call.func if call else decorator
            if not (isinstance(target, ast.Attribute) and target.attr == "getter"):
                continue
            keywords = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
            camel = keywords.get("name")
            names[item.name] = str(camel.value) if isinstance(camel, ast.Constant) else item.name
    return names


def _properties(node: ast.ClassDef) -> dict[str, Property]:
    names = _names(node)
    init = next(item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__")
    properties = {}
    for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True):
        camel = names[argument.arg]
        shape = _shape(argument.annotation) if argument.annotation else Shape("any")
        properties[camel] = Property(camel, shape, required=default is None)
    return properties


def _shape(node: ast.expr) -> Shape:
    if isinstance(node, ast.Constant):
        return Shape("object", ref=str(node.value)) if str(node.value).endswith("Args") else Shape("any")
    if isinstance(node, ast.Attribute | ast.Name):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        return Shape(_SCALARS.get(name, "any"))
    if isinstance(node, ast.Subscript):
        name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if name in {"Input", "Optional"}:
            return _shape(node.slice)
        if name == "Sequence":
            return Shape("list", element=_shape(node.slice))
        if name == "Mapping" and isinstance(node.slice, ast.Tuple):
            return Shape("map", element=_shape(node.slice.elts[1]))
    return Shape("any")
