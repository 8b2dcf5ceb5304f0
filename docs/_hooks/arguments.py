"""Writes the tables of arguments and outputs, from what the components themselves say.

A page has `<!-- arguments of PersonalizeAccess -->`, `<!-- outputs of PersonalizeAccess -->` or
`<!-- values of BucketUse -->` where a table belongs. Names are those of Python; with `in every language` before the
arrow, those of the schema.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from personalize_permissions import arguments
from personalize_permissions._hosts.provider import COMPONENTS, PACKAGE, PersonalizeProvider
from personalize_permissions._validation.report import Spelling

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK: Final = re.compile(r"<!-- (arguments|outputs|values) of (\w+)( in every language)? -->")
_DEFAULT: Final = re.compile(r"\s*Default: ([^.]+)\.")
_WORDS: Final = {
    Spelling.PYTHON: {"string": "str", "integer": "int", "boolean": "bool", "array": "list", "object": "mapping"},
    Spelling.SCHEMA: {},
}


def on_page_markdown(markdown: str, **_others: object) -> str:
    """Put each table where its mark is."""

    def table(mark: re.Match[str]) -> str:
        spelling = Spelling.SCHEMA if mark[3] else Spelling.PYTHON
        match mark[1]:
            case "arguments":
                return arguments_of(mark[2], spelling)
            case "outputs":
                return outputs_of(mark[2], spelling)
            case _:
                return values_of(mark[2], spelling)

    return _MARK.sub(table, markdown)


def arguments_of(name: str, spelling: Spelling) -> str:
    """Return the table of what a component, or an entry of one of its lists, takes; in the order of its type."""
    part = _part(name)
    is_component = "inputProperties" in part
    properties = part["inputProperties" if is_component else "properties"]
    required = part.get("requiredInputs" if is_component else "required", ())
    rows = []
    typed = getattr(arguments, name if hasattr(arguments, name) else f"{name}Args")
    for argument in typed.__annotations__:
        in_schema = Spelling.SCHEMA.write(argument)
        taken = properties[in_schema]
        text, default = _divided(taken["description"])
        closing = "*Required.*" if in_schema in required else f"*Default:* {default}."
        kind = _type(taken, spelling) + ("; plain" if taken.get("plain") else "")
        rows.append((_headed(spelling.write(argument), kind), f"{text}<br>{closing}"))
    return _table(("argument", "meaning"), rows, spelling)


def outputs_of(name: str, spelling: Spelling) -> str:
    """Return the table of what a component gives."""
    given = _part(name)["properties"]
    component = next(kind for kind in COMPONENTS if kind.__name__ == name)
    names = [output for output in component.__annotations__ if Spelling.SCHEMA.write(output) in given]
    taken = [given[Spelling.SCHEMA.write(output)] for output in names]
    rows = [
        (_headed(spelling.write(output), _type(each, spelling)), each["description"])
        for output, each in zip(names, taken, strict=True)
    ]
    return _table(("output", "meaning"), rows, spelling)


def values_of(name: str, spelling: Spelling) -> str:
    """Return the table of the values of a choice."""
    rows = [(f"`{member['value']}`", member["description"]) for member in _part(name)["enum"]]
    return _table(("value", "meaning"), rows, spelling)


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(PersonalizeProvider().schema or "{}")
    return {**schema["types"], **schema["resources"]}


def _part(name: str) -> dict[str, Any]:
    part: dict[str, Any] = _schema()[f"{PACKAGE}:index:{name}"]
    return part


def _headed(name: str, kind: str) -> str:
    return f"`{name}`<br><small>{kind}</small>"


def _divided(description: str) -> tuple[str, str]:
    """Return a description without its default, and that."""
    default = _DEFAULT.search(description)
    return (description.replace(default[0], ""), default[1]) if default else (description, "")


def _type(taken: dict[str, Any], spelling: Spelling) -> str:
    words = _WORDS[spelling]
    if taken.get("$ref") == "pulumi.json#/Any":
        return f"{words.get('string', 'string')} or {words.get('object', 'object')}"
    if "$ref" in taken:
        name = taken["$ref"].rsplit(":", 1)[-1]
        if "enum" not in _part(name):
            return f"[{name}](#{name.lower()})"
        return " or ".join(f"`{member['value']}`" for member in _part(name)["enum"])
    word = words.get(taken["type"], taken["type"])
    inner = taken.get("items") or taken.get("additionalProperties")
    return f"{word} of {_type(inner, spelling)}" if inner else word


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], spelling: Spelling) -> str:
    lines = [head, ("---",) * len(head), *rows]
    text = "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)
    if spelling is Spelling.PYTHON:
        text = re.sub(r"`([a-zA-Z]+)`", lambda name: f"`{_in_python().get(name[1], name[1])}`", text)
    return text


@cache
def _in_python() -> dict[str, str]:
    """Return the Python name of each name of the schema; where two languages write it differently."""
    kinds = [kind for kind in vars(arguments).values() if getattr(kind, "__module__", "") == arguments.__name__]
    names = {name for kind in (*kinds, *COMPONENTS) for name in kind.__annotations__}
    return {Spelling.SCHEMA.write(name): name for name in names}
