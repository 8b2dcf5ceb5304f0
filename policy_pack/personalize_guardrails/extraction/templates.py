"""CloudFormation templates: JSON, or YAML with the short forms of the intrinsic functions.

Source: CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from personalize_guardrails.extraction.unknowns import UNKNOWN

UNRESOLVED: Final = "${Unresolved}"
"""Stands for text that only CloudFormation knows: to the rule it is unknown text, like a policy variable."""
_MOST_BRANCHES: Final = 64
_MOST_VALUES: Final = 20_000
_DEEPEST: Final = 64
"""No policy that AWS takes comes near either; YAML's aliases can make more of a short text, without end even."""
_SUBSTITUTED: Final = re.compile(r"\$\{([^!}][^}]*)\}")


class TemplateError(Exception):
    """The text is no template; the message says why without quoting it."""


def parse_template(text: str) -> Mapping[str, Any]:
    """The template in a text, JSON or YAML; TemplateError where it is neither."""
    try:
        parsed = json.loads(text) if text.lstrip().startswith("{") else _from_yaml(text)
    except (ValueError, RecursionError):
        raise TemplateError("it is neither JSON nor YAML") from None
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("Resources"), Mapping):
        raise TemplateError("it has no Resources")
    return parsed


def _from_yaml(text: str) -> object:
    # Most resources are no templates in YAML, and every policy run would pay for the reader of them.
    from personalize_guardrails.extraction.short_forms import load_yaml  # noqa: PLC0415

    return load_yaml(text)


@dataclass(frozen=True, slots=True)
class Resolver:
    """What is known when a template is read: its parameters, and where its stack is made."""

    account: str
    region: str = "us-east-1"
    partition: str = "aws"
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Their values, and those of resources and their attributes where these are known: `Role.Arn`."""

    @classmethod
    def of(cls, template: Mapping[str, Any], account: str, given: object) -> Resolver:
        """A resolver with the stack's parameters, which may be UNKNOWN, and the defaults of those not given."""
        declared = template.get("Parameters")
        if given is UNKNOWN:
            given = dict.fromkeys(declared, UNKNOWN) if isinstance(declared, Mapping) else {}
        defaults = {
            name: parameter["Default"]
            for name, parameter in (declared.items() if isinstance(declared, Mapping) else ())
            if isinstance(parameter, Mapping) and "Default" in parameter
        }
        return cls(account, parameters={**defaults, **(given if isinstance(given, Mapping) else {})})

    def branches(self, value: object) -> Iterator[object]:
        """Every value that `value` can become: one for each way in which the conditions in it can turn out."""
        _bound(value)
        names = sorted(_conditions(value))
        if 2 ** len(names) > _MOST_BRANCHES:
            raise TemplateError(f"it depends on {len(names)} conditions; that is too many to decide")
        for outcome in product((True, False), repeat=len(names)):
            yield self._resolve(value, dict(zip(names, outcome, strict=True)))

    def _resolve(self, value: object, outcome: Mapping[str, bool]) -> object:
        if isinstance(value, Mapping):
            if len(value) == 1:
                [(name, argument)] = value.items()
                if name == "Ref" or str(name).startswith("Fn::"):
                    return self._call(str(name), argument, outcome)
            resolved = {str(key): self._resolve(item, outcome) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if item is not _NO_VALUE}
        if isinstance(value, Sequence) and not isinstance(value, str):
            items = [self._resolve(item, outcome) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        return value

    def _call(self, name: str, argument: Any, outcome: Mapping[str, bool]) -> object:  # noqa: ANN401 - as templates have it
        match name, argument:
            case "Ref", "AWS::NoValue":
                return _NO_VALUE
            case "Ref" | "Fn::GetAtt", str():
                return self._named(argument)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._named(f"{resource}.{attribute}")
            case "Fn::If", [str() as condition, first, second]:
                return self._resolve(first if outcome[condition] else second, outcome)
            case "Fn::Sub", str():
                return self._substituted(argument, {}, outcome)
            case "Fn::Sub", [str() as text, Mapping() as variables]:
                return self._substituted(text, variables, outcome)
            case "Fn::Join", [str() as separator, parts]:
                resolved = self._resolve(parts, outcome)
                if isinstance(resolved, list) and UNKNOWN in resolved:
                    return UNKNOWN
                if isinstance(resolved, list):
                    return separator.join(part if isinstance(part, str) else UNRESOLVED for part in resolved)
        return UNRESOLVED

    def _substituted(self, text: str, variables: Mapping[str, object], outcome: Mapping[str, bool]) -> object:
        def valued(match: re.Match[str]) -> object:
            name = match[1].strip()
            return self._resolve(variables[name], outcome) if name in variables else self._named(name)

        def replaced(match: re.Match[str]) -> str:
            value = valued(match)
            return value if isinstance(value, str) else UNRESOLVED

        if any(valued(match) is UNKNOWN for match in _SUBSTITUTED.finditer(text)):
            return UNKNOWN
        return _SUBSTITUTED.sub(replaced, text).replace("${!", "${")

    def _named(self, name: str) -> object:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        value = self.parameters.get(name)
        return value if isinstance(value, str) or value is UNKNOWN else UNRESOLVED


_NO_VALUE: Final = object()


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


def _conditions(value: object) -> set[str]:
    if isinstance(value, Mapping):
        here = value.get("Fn::If")
        named = {here[0]} if isinstance(here, list) and here and isinstance(here[0], str) else set()
        return named.union(*(_conditions(item) for item in value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return set().union(*(_conditions(item) for item in value))
    return set()
