"""Evaluates CloudFormation's functions of strings and lists, and the values of parameters.

Source: CloudFormation User Guide, "Intrinsic function reference" and "Parameters".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from personalize_guardrails.extraction.templates import UNRESOLVED, check_length
from personalize_guardrails.extraction.unknowns import UNKNOWN

TRANSFORM: Final = "Fn::Transform"
"""Not a function of a value: it inserts members into the object that it is in."""
_LOOKED_UP: Final = "AWS::SSM::Parameter::Value<"
_LONGEST_PARAMETER: Final = 4096
_LONGEST_LIST: Final = 400
_LARGEST_NUMBER: Final = 10**18
_INDEX: Final = re.compile(r"[0-9]{1,4}")
_DYNAMIC: Final = re.compile(r"\{\{resolve:(?:[^{}]|\$\{Unresolved\})*\}\}")


def apply_function(name: str, arguments: Any) -> object:  # noqa: ANN401 - as templates write them
    """Return the result of Fn::Join, Fn::Split or Fn::Select for resolved arguments."""
    match name, arguments:
        case "Fn::Join", [str() as separator, list() as parts]:
            strings = [part if isinstance(part, str) else UNRESOLVED for part in parts]
            check_length(sum(map(len, strings)) + len(separator) * len(strings))
            return separator.join(strings)
        case "Fn::Split", [str() as separator, str() as text] if separator and "${" not in text:
            return limit_list(text.split(separator, _LONGEST_LIST))
        case "Fn::Select", [index, list() as items] if _INDEX.fullmatch(as_text(index)):
            return items[int(as_text(index))] if int(as_text(index)) < len(items) else UNRESOLVED
    return UNRESOLVED


class Answered(str):
    """The value of a parameter; if it is a name that CloudFormation looks up, `found` is what it finds."""

    __slots__ = ("found",)
    found: str

    @classmethod
    def of(cls, value: str, found: str) -> Answered:
        """Return the parameter's value with what CloudFormation finds for it."""
        answered = cls(value)
        answered.found = found
        return answered


def parameter_value(declared: Mapping[Any, Any], value: object) -> object:
    """Return what `Ref` gives for a parameter with this declaration and value."""
    kind = str(declared.get("Type"))
    if value is UNKNOWN or isinstance(value, list):
        return value
    if is_looked_up(declared):
        if not isinstance(value, Answered):
            return UNRESOLVED  # the value is the name of what is looked up
        kind, value = kind.removeprefix(_LOOKED_UP).removesuffix(">"), value.found
    text = as_text(value)
    if len(text) > _LONGEST_PARAMETER:
        return UNRESOLVED
    listed = kind == "CommaDelimitedList" or kind.startswith("List<")
    return limit_list([each.strip() for each in text.split(",")]) if listed else text


def is_looked_up(declared: object) -> bool:
    """Return whether CloudFormation looks up a parameter: its value is the name of an entry in a store."""
    return str(members(declared).get("Type")).startswith(_LOOKED_UP)


def allowed_values(declared: Mapping[Any, Any]) -> tuple[object, ...]:
    """Return every value that `Ref` may give for a parameter, if its allowed values are declared."""
    allowed = declared.get("AllowedValues")
    if not isinstance(allowed, list) or is_looked_up(declared):
        return ()
    values = tuple(parameter_value(declared, each) for each in allowed)
    return values if all(isinstance(each, str) for each in values) else ()  # a list may hold any of them


def given_parameters(given: object) -> Mapping[Any, Any] | None:
    """Return a stack's parameters by name, from a mapping or a native stack set's list; None where not known yet."""
    if not isinstance(given, list):
        return None if given is UNKNOWN else members(given)
    if UNKNOWN in given or any(members(each).get("parameterKey") is UNKNOWN for each in given):
        return None
    named = ((each["parameterKey"], each.get("parameterValue")) for each in given if "parameterKey" in members(each))
    return {name: value for name, value in named if isinstance(name, str)}


def as_text(value: object) -> str:
    """Return a value as the string that CloudFormation makes of it; in YAML, an unquoted account is a number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGEST_NUMBER else UNRESOLVED
    return value if isinstance(value, str) else UNRESOLVED


def limit_list(values: list[str]) -> object:
    """Return the list, or UNRESOLVED where it is longer than AWS accepts."""
    return values if len(values) <= _LONGEST_LIST else UNRESOLVED


def replace_dynamic_references(value: object) -> object:
    """Return the value; in a string, with UNRESOLVED in place of dynamic references such as `{{resolve:ssm:NAME}}`."""
    return _DYNAMIC.sub(UNRESOLVED, value) if isinstance(value, str) and "{{resolve:" in value else value


def members(value: object) -> Mapping[Any, Any]:
    """Return the value if it is an object, else an empty object."""
    return value if isinstance(value, Mapping) else {}
