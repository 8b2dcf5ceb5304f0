"""The package schema: what the SDK infers from the components, with the descriptions that it misses."""

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from personalize_permissions import arguments
from personalize_permissions._validation.report import Spelling

_METADATA: Final[Mapping[str, object]] = MappingProxyType(
    {
        "displayName": "Personalize Permissions",
        "description": 'Everything of AWS\'s "Setting up permissions" for Amazon Personalize.',
        "keywords": ["aws", "iam", "personalize", "category/cloud", "kind/component"],
        "license": "Apache-2.0",
    }
)


def described(inferred: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inferred schema with readable descriptions: the SDK finds none of fields that a type inherits."""
    schema = _readable(inferred)
    descriptions = argument_descriptions()
    for token, resource in schema["resources"].items():
        _describe(resource["inputProperties"], descriptions[f"{token.rsplit(':', 1)[-1]}Args"])
    for token, kind in schema["types"].items():
        if "properties" in kind:
            _describe(kind["properties"], descriptions[token.rsplit(":", 1)[-1]])
    return {**schema, **_METADATA}


def argument_descriptions() -> dict[str, dict[str, str]]:
    """Return the docstring under each field of each type of arguments, by type and Python name."""
    found: dict[str, dict[str, str]] = {}
    for kind in ast.parse(inspect.getsource(arguments)).body:
        if isinstance(kind, ast.ClassDef):
            inherited = (found.get(base.id, {}) for base in kind.bases if isinstance(base, ast.Name))
            found[kind.name] = {name: text for fields in inherited for name, text in fields.items()}
            for field, text in pairwise(kind.body):
                match field, text:
                    case (
                        ast.AnnAssign(target=ast.Name(id=name)),
                        ast.Expr(value=ast.Constant(value=str() as description)),
                    ):
                        found[kind.name][name] = description
    return found


def _describe(properties: Mapping[str, dict[str, Any]], descriptions: Mapping[str, str]) -> None:
    """Write the descriptions of an object's fields."""
    for name, description in descriptions.items():
        properties[Spelling.SCHEMA.write(name)]["description"] = Spelling.SCHEMA.prose(description)


def _readable(schema: Any, *, has_description: bool = False) -> Any:  # noqa: ANN401 - any part of a schema
    """Return the schema with its descriptions as text without indentation, in the names that the schema itself has.

    Members of enums are named `FullAccess`, from which each generator makes its language's form: of `FULL_ACCESS`, that
    of Python makes `FUL_L_ACCESS`.

    `has_description`: what holds this part has one, which the SDK repeats on every item; it is left out there.
    """
    if isinstance(schema, list):
        return [_readable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    readable: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "description" and isinstance(value, str):
            if not has_description:
                readable[key] = Spelling.SCHEMA.prose(inspect.cleandoc(value))
        elif key == "enum":
            readable[key] = [{**_readable(member), "name": member["name"].title().replace("_", "")} for member in value]
        else:
            held = key in {"items", "additionalProperties"} and isinstance(schema.get("description"), str)
            readable[key] = _readable(value, has_description=held)
    return readable
