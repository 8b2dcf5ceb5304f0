"""Resolves the references and functions of a CloudFormation template, in every way its conditions can turn out.

Source: CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any, Final

from personalize_guardrails.extraction.intrinsic_functions import (
    TRANSFORM,
    allowed_values,
    apply_function,
    as_text,
    given_parameters,
    is_looked_up,
    limit_list,
    members,
    parameter_value,
    replace_dynamic_references,
)
from personalize_guardrails.extraction.templates import UNRESOLVED, TemplateError, check_length, check_size
from personalize_guardrails.extraction.unknowns import UNKNOWN, has_unknown
from personalize_guardrails.iam.json_text import nested_members

_MOST_BRANCHES: Final = 128
_LOCATIONS: Final = ({"Ref": "AWS::Region"}, {"Ref": "AWS::Partition"})
_SUBSTITUTED: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_NO_VALUE: Final = object()


@dataclass(frozen=True, slots=True)
class Resolver:
    """What is known of a template: its parameters and mappings, and where its stack is made."""

    account: str
    region: str = "us-east-1"
    partition: str = "aws"
    values: Mapping[str, object] = field(default_factory=dict)
    """The values of its parameters, and of resources and their attributes where these are known: `Role.Arn`."""
    mappings: Mapping[str, object] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    """The declarations of its parameters."""

    @classmethod
    def of(cls, template: Mapping[str, Any], account: str, given: object) -> Resolver:
        """Return a resolver with the stack's parameters; a parameter without a value is UNKNOWN."""
        values, declarations = given_parameters(given), members(template.get("Parameters"))
        parameters = {
            name: UNKNOWN
            if values is None
            else parameter_value(declared, values.get(name, declared.get("Default", UNKNOWN)))
            for name, declared in declarations.items()
            if isinstance(declared, Mapping)
        }
        return cls(account, values=parameters, mappings=members(template.get("Mappings")), parameters=declarations)

    def branches(self, value: object) -> Iterator[object]:
        """Yield every value that `value` can become; None where it is AWS::NoValue, as if it was left out.

        There is one for each outcome of the conditions in it, and for each region and partition that the mappings
        distinguish. TemplateError where there are too many.
        """
        check_size(value)
        choices = self._choices(value)
        if prod(map(len, choices.values())) > _MOST_BRANCHES:
            raise TemplateError(f"it depends on {len(choices)} conditions; that is too many to decide")
        for outcome in product(*choices.values()):
            resolved = self._resolve(value, dict(zip(choices, outcome, strict=True)))
            check_size(resolved)
            yield None if resolved is _NO_VALUE else resolved

    def unknown_parameters(self, value: object) -> tuple[str, ...]:
        """Return the names of the parameters that a value refers to and that have no value yet."""
        return tuple(name for name in _references(value) if self.values.get(name) is UNKNOWN)

    def looked_up_parameters(self, value: object) -> tuple[str, ...]:
        """Return the names of the parameters that a value refers to and whose values only CloudFormation finds."""
        names = (name for name in _references(value) if is_looked_up(self.parameters.get(name)))
        return tuple(name for name in names if self.values.get(name) == UNRESOLVED)

    def with_allowed_values(self, value: object) -> list[Resolver]:
        """Return a resolver for each combination of the allowed values of the parameters that a value needs.

        None where one of them can have any value, or where there are too many.
        """
        names = self.unknown_parameters(value)
        allowed = [allowed_values(members(self.parameters.get(name))) for name in names]
        if not names or prod(map(len, [*allowed, *self._choices(value).values()])) > _MOST_BRANCHES:
            return []
        chosen = (dict(zip(names, each, strict=True)) for each in product(*allowed))
        return [replace(self, values={**self.values, **each}) for each in chosen]

    def is_inserted(self, value: object) -> bool:
        """Return whether a transform inserts a part of a value, or of the mappings that it looks something up in."""
        names = dict(nested_members(value))
        return TRANSFORM in names or ("Fn::FindInMap" in names and TRANSFORM in dict(nested_members(self.mappings)))

    def _choices(self, value: object) -> dict[str, list[Any]]:
        """Return the conditions and locations that decide a value, by name, and the outcomes of each."""
        conditions: set[str] = set()
        locations: dict[str, set[str]] = {}
        lookups: set[tuple[str, int, str]] = set()
        for name, argument in nested_members(value):
            match name, argument:
                case "Fn::If", [str() as condition, *_]:
                    conditions.add(condition)
                case "Fn::FindInMap", [str() as mapping, *keys]:
                    lookups |= {(mapping, level, key["Ref"]) for level, key in enumerate(keys[:2]) if key in _LOCATIONS}
        for mapping, level, location in lookups:
            outer = members(self.mappings.get(mapping))
            known = [name for each in outer.values() for name in members(each)] if level else list(outer)
            locations.setdefault(location, set()).update(map(str, known))
        decided = {location: sorted(keys) for location, keys in sorted(locations.items()) if keys}
        return {**{condition: [True, False] for condition in sorted(conditions)}, **decided}

    def _resolve(self, value: object, outcome: Mapping[str, Any]) -> object:
        """Return the value in one outcome of the choices, without the members that are AWS::NoValue."""
        if isinstance(value, Mapping):
            if TRANSFORM in value:
                return UNKNOWN
            if len(value) == 1:
                [(name, argument)] = value.items()
                if name == "Ref" or str(name).startswith("Fn::"):
                    return replace_dynamic_references(self._call(str(name), argument, outcome))
            resolved = {str(key): self._resolve(item, outcome) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if item is not _NO_VALUE}
        if isinstance(value, Sequence) and not isinstance(value, str):
            items = [self._resolve(item, outcome) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        return replace_dynamic_references(value)

    def _call(self, name: str, argument: Any, outcome: Mapping[str, Any]) -> object:  # noqa: ANN401 - as templates write it
        """Return what a function gives; UNRESOLVED where only CloudFormation knows."""
        if argument is UNKNOWN:
            return UNKNOWN
        match name, argument:
            case "Ref", "AWS::NoValue":
                return _NO_VALUE
            case "Ref" | "Fn::GetAtt", str():
                return self._value_of(argument, outcome)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._value_of(f"{resource}.{attribute}", outcome)
            case "Fn::If", [str() as condition, first, second]:
                return self._resolve(first if outcome[condition] else second, outcome)
            case "Fn::Sub", str():
                return self._substitute(argument, {}, outcome)
            case "Fn::Sub", [str() as text, Mapping() as variables]:
                return self._substitute(text, variables, outcome)
            case "Fn::FindInMap", [*keys] if len(keys) > 2 and all(map(_is_key, keys[:3])):
                return self._find_in_map([self._resolve(key, outcome) for key in keys[:3]])
            case "Fn::Join" | "Fn::Split" | "Fn::Select", [first, second]:
                arguments = self._resolve([first, second], outcome)
                return UNKNOWN if has_unknown(arguments) else apply_function(name, arguments)
        return UNRESOLVED

    def _substitute(self, text: str, variables: Mapping[str, object], outcome: Mapping[str, Any]) -> object:
        """Return what Fn::Sub gives; UNKNOWN where one of the values is not known yet."""
        names = _SUBSTITUTED.findall(text)
        values: dict[str, object] = {}
        for written in dict.fromkeys(names):
            name = written.strip()
            own = name in variables
            values[written] = self._resolve(variables[name], outcome) if own else self._value_of(name, outcome)
        if UNKNOWN in values.values():
            return UNKNOWN
        texts = {name: value if isinstance(value, str) else UNRESOLVED for name, value in values.items()}
        check_length(len(text) + sum(len(texts[name]) for name in names))
        return _SUBSTITUTED.sub(lambda match: texts[match[1]], text).replace("${!", "${")

    def _value_of(self, name: str, outcome: Mapping[str, Any]) -> object:
        """Return the value of a parameter, a pseudo parameter, a resource or `Resource.Attribute`."""
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return outcome.get(name, pseudo[name])
        value = self.values.get(name)
        return value if isinstance(value, str | list) or value is UNKNOWN else UNRESOLVED

    def _find_in_map(self, keys: Sequence[object]) -> object:
        """Return what the mappings hold for the keys."""
        found: object = self.mappings
        for key in keys:
            if key is UNKNOWN or TRANSFORM in members(found):
                return UNKNOWN
            found = members(found).get(key) if isinstance(key, str) else None
        return limit_list([as_text(each) for each in found]) if isinstance(found, list) else as_text(found)


def _references(value: object) -> Iterable[str]:
    """Return the names that a value refers to, each once."""
    names: list[str] = []
    for function, argument in nested_members(value):
        text = argument[0] if isinstance(argument, list) and argument else argument
        if function == "Fn::Sub" and isinstance(text, str):
            names += map(str.strip, _SUBSTITUTED.findall(text))
        elif function == "Ref" and isinstance(argument, str):
            names.append(argument)
    return dict.fromkeys(names)


def _is_key(key: object) -> bool:
    """Return whether a key of a mapping is written out or referred to, so that its value can be known."""
    return isinstance(key, str) or (isinstance(key, Mapping) and set(key) == {"Ref"})
