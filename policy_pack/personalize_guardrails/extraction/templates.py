"""CloudFormation templates: JSON, or YAML with the short forms of the intrinsic functions.

Source: CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any, Final

from personalize_guardrails.extraction.repeated import load_json
from personalize_guardrails.extraction.unknowns import UNKNOWN, has_unknown

UNRESOLVED: Final = "${Unresolved}"
"""Stands for text that only CloudFormation knows: to the rule it is unknown text, like a policy variable."""
_MOST_BRANCHES: Final = 128
_MOST_VALUES: Final = 20_000
_DEEPEST: Final = 64
_LONGEST_TEXT: Final = 20_000
"""No policy that AWS takes comes near these; YAML's aliases and joined texts make more of a short text, without end."""
_LONGEST_PARAMETER: Final = 4096
_LONGEST_LIST: Final = 400
_PLACES: Final = ({"Ref": "AWS::Region"}, {"Ref": "AWS::Partition"})
_LARGEST_NUMBER: Final = 10**18
_DIGITS: Final = 5
_SUBSTITUTED: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_DYNAMIC: Final = re.compile(r"\{\{resolve:(?:[^{}]|\$\{Unresolved\})*\}\}")


class TemplateError(Exception):
    """The text is no template; the message says why without quoting it."""


def parse_template(text: str) -> Mapping[str, Any]:
    """The template in a text, JSON or YAML; TemplateError where it is neither."""
    try:
        parsed = load_json(text) if text.lstrip().startswith("{") else _from_yaml(text)
    except (ValueError, RecursionError):
        raise TemplateError("it is neither JSON nor YAML") from None
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("Resources"), Mapping):
        raise TemplateError("it has no Resources")
    return parsed


def _from_yaml(text: str) -> object:
    # Most resources are no templates in YAML, and every policy run would pay for the reader of them.
    try:
        from personalize_guardrails.extraction.short_forms import load_yaml  # noqa: PLC0415
    except ImportError:
        raise TemplateError("it is in YAML, which PyYAML reads; install PyYAML") from None
    return load_yaml(text)


@dataclass(frozen=True, slots=True)
class Resolver:
    """What is known when a template is read: its parameters and mappings, and where its stack is made."""

    account: str
    region: str = "us-east-1"
    partition: str = "aws"
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Their values, and those of resources and their attributes where these are known: `Role.Arn`."""
    mappings: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, template: Mapping[str, Any], account: str, given: object) -> Resolver:
        """A resolver with the stack's parameters: UNKNOWN where it is, and for each that has no value yet."""
        values = _values(given)
        parameters = {
            name: UNKNOWN
            if values is None
            else _parameter(declared, values.get(name, declared.get("Default", UNKNOWN)))
            for name, declared in _members(template.get("Parameters")).items()
            if isinstance(declared, Mapping)
        }
        return cls(account, parameters=parameters, mappings=_members(template.get("Mappings")))

    def branches(self, value: object) -> Iterator[object]:
        """Every value that `value` can become.

        One for each way in which the conditions in it can turn out, and for each region and partition that decides in
        its mappings.
        """
        _bound(value)
        choices = self._choices(value)
        if prod(map(len, choices.values())) > _MOST_BRANCHES:
            raise TemplateError(f"it depends on {len(choices)} conditions; that is too many to decide")
        for outcome in product(*choices.values()):
            resolved = self._resolve(value, dict(zip(choices, outcome, strict=True)))
            _bound(resolved)
            yield resolved

    def _choices(self, value: object) -> dict[str, list[Any]]:
        """What is decided only where the stack is made, by name, and the ways in which it can turn out."""
        conditions: set[str] = set()
        places: dict[str, set[str]] = {}
        looked: set[tuple[str, int, str]] = set()
        for name, argument in _calls(value):
            match name, argument:
                case "Fn::If", [str() as condition, *_]:
                    conditions.add(condition)
                case "Fn::FindInMap", [str() as mapping, *keys]:
                    looked |= {(mapping, level, key["Ref"]) for level, key in enumerate(keys[:2]) if key in _PLACES}
        for mapping, level, place in looked:
            outer = _members(self.mappings.get(mapping))
            known = [name for each in outer.values() for name in _members(each)] if level else list(outer)
            places.setdefault(place, set()).update(map(str, known))
        decided = {place: sorted(keys) for place, keys in sorted(places.items()) if keys}
        return {**{condition: [True, False] for condition in sorted(conditions)}, **decided}

    def _resolve(self, value: object, outcome: Mapping[str, Any]) -> object:
        if isinstance(value, Mapping):
            if len(value) == 1:
                [(name, argument)] = value.items()
                if name == "Ref" or str(name).startswith("Fn::"):
                    return _without_references(self._call(str(name), argument, outcome))
            resolved = {str(key): self._resolve(item, outcome) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if item is not _NO_VALUE}
        if isinstance(value, Sequence) and not isinstance(value, str):
            items = [self._resolve(item, outcome) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        return _without_references(value)

    def _call(self, name: str, argument: Any, outcome: Mapping[str, Any]) -> object:  # noqa: ANN401 - as templates have it
        match name, argument:
            case "Ref", "AWS::NoValue":
                return _NO_VALUE
            case "Ref" | "Fn::GetAtt", str():
                return self._named(argument, outcome)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._named(f"{resource}.{attribute}", outcome)
            case "Fn::If", [str() as condition, first, second]:
                return self._resolve(first if outcome[condition] else second, outcome)
            case "Fn::Sub", str():
                return self._substituted(argument, {}, outcome)
            case "Fn::Sub", [str() as text, Mapping() as variables]:
                return self._substituted(text, variables, outcome)
            case "Fn::FindInMap", [*keys] if len(keys) > 2 and all(map(_is_plain, keys[:3])):
                return self._mapped([self._resolve(key, outcome) for key in keys[:3]])
            case "Fn::Join" | "Fn::Split" | "Fn::Select", [first, second]:
                arguments = self._resolve([first, second], outcome)
                return UNKNOWN if has_unknown(arguments) else _listed(name, arguments)
        return UNRESOLVED

    def _substituted(self, text: str, variables: Mapping[str, object], outcome: Mapping[str, Any]) -> object:
        names = _SUBSTITUTED.findall(text)
        values: dict[str, object] = {}
        for written in dict.fromkeys(names):
            name = written.strip()
            own = name in variables
            values[written] = self._resolve(variables[name], outcome) if own else self._named(name, outcome)
        if UNKNOWN in values.values():
            return UNKNOWN
        texts = {name: value if isinstance(value, str) else UNRESOLVED for name, value in values.items()}
        _bound_text(len(text) + sum(len(texts[name]) for name in names))
        return _SUBSTITUTED.sub(lambda match: texts[match[1]], text).replace("${!", "${")

    def _named(self, name: str, outcome: Mapping[str, Any]) -> object:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return outcome.get(name, pseudo[name])
        value = self.parameters.get(name)
        return value if isinstance(value, str | list) or value is UNKNOWN else UNRESOLVED

    def _mapped(self, keys: Sequence[object]) -> object:
        """What the mappings have for the keys."""
        found: object = self.mappings
        for key in keys:
            if key is UNKNOWN:
                return UNKNOWN
            found = _members(found).get(key) if isinstance(key, str) else None
        return _short([_text(each) for each in found[: _LONGEST_LIST + 1]]) if isinstance(found, list) else _text(found)


_NO_VALUE: Final = object()


def _members(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _values(given: object) -> Mapping[Any, Any] | None:
    """The stack's parameters by name, as a mapping or as the native stack set's list has them; None: not known yet."""
    if not isinstance(given, list):
        return None if given is UNKNOWN else _members(given)
    if UNKNOWN in given or any(_members(each).get("parameterKey") is UNKNOWN for each in given):
        return None
    named = ((each["parameterKey"], each.get("parameterValue")) for each in given if "parameterKey" in _members(each))
    return {name: value for name, value in named if isinstance(name, str)}


def _parameter(declared: Mapping[Any, Any], value: object) -> object:
    """What `Ref` gives for a parameter."""
    kind = str(declared.get("Type"))
    if value is UNKNOWN or isinstance(value, list):
        return value
    if kind.startswith("AWS::SSM::Parameter::Value<"):
        return UNRESOLVED  # what is given is the name of the value
    text = _text(value)
    if len(text) > _LONGEST_PARAMETER:
        return UNRESOLVED
    listed = kind == "CommaDelimitedList" or kind.startswith("List<")
    return _short([each.strip() for each in text.split(",")]) if listed else text


def _text(value: object) -> str:
    """A value as CloudFormation writes it; YAML takes an account without quotes for a number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGEST_NUMBER else UNRESOLVED
    return value if isinstance(value, str) else UNRESOLVED


def _is_plain(key: object) -> bool:
    """Whether a key of a mapping is written there or named: then it is known which it is."""
    return isinstance(key, str) or (isinstance(key, Mapping) and set(key) == {"Ref"})


def _listed(name: str, arguments: Any) -> object:  # noqa: ANN401 - as templates have it
    """The functions that make a text or a list of one another."""
    match name, arguments:
        case "Fn::Join", [str() as separator, list() as parts]:
            texts = [part if isinstance(part, str) else UNRESOLVED for part in parts]
            _bound_text(sum(map(len, texts)) + len(separator) * len(texts))
            return separator.join(texts)
        case "Fn::Split", [str() as separator, str() as text] if separator and "${" not in text:
            return _short(text.split(separator, _LONGEST_LIST))
        case "Fn::Select", [index, list() as items] if _text(index).isdecimal() and len(_text(index)) < _DIGITS:
            return items[int(_text(index))] if int(_text(index)) < len(items) else UNRESOLVED
    return UNRESOLVED


def _short(texts: list[str]) -> object:
    return texts if len(texts) <= _LONGEST_LIST else UNRESOLVED


def _without_references(value: object) -> object:
    """The value; of a text, what CloudFormation looks up elsewhere, such as `{{resolve:ssm:NAME}}`, is not known."""
    return _DYNAMIC.sub(UNRESOLVED, value) if isinstance(value, str) and "{{resolve:" in value else value


def _bound(value: object) -> None:
    waiting, seen = [(value, 0)], 0
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if seen > _MOST_VALUES or depth > _DEEPEST:
            raise TemplateError("it is larger than AWS takes")
        if isinstance(one, Mapping):
            waiting += [(item, depth + 1) for item in one.values()]
        elif isinstance(one, list):
            waiting += [(item, depth + 1) for item in one]


def _bound_text(length: int) -> None:
    if length > _LONGEST_TEXT:
        raise TemplateError("it is larger than AWS takes")


def _calls(value: object) -> Iterator[tuple[str, Any]]:
    """Every function that is called in a value, with its argument."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            yield from ((str(name), argument) for name, argument in one.items())
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
