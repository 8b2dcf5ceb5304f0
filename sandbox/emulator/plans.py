"""What the provider's SDK does with a configuration: check it, plan with it, and keep the last state's spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.bridge import plans
from sandbox.bridge.plans import says_nothing
from sandbox.bridge.wire import UNKNOWN, has_unknown
from sandbox.emulator.documents import meaning, normalize

if TYPE_CHECKING:
    from sandbox.emulator.rules import Rule

Values = dict[str, Any]
"""A resource's attributes by their Terraform names; UNKNOWN for what only an apply will tell."""

_PATTERNS: Final = {
    "arn": r"arn:aws[\w-]*:[\w-]+:[^:]*:(\d{12}|aws|):.+",
    "name": r"[\w+=,.@-]*",
}


def failures(rules: Mapping[str, Rule], config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the attributes that the provider's own schema refuses in preview, each with the reason."""
    for name, rule in rules.items():
        value = config.get(name)
        if value in (None, UNKNOWN, []):
            if "required" in rule.words and value is None:
                yield name, f'Missing required argument: "{name}" is required, but no definition was found.'
        elif rule.fields is not None and "computed" in rule.words:
            yield name, f"the emulated provider does not set {name}"
        elif rule.fields is not None:
            for block in value:
                yield from ((name, reason) for _, reason in failures(rule.fields, block))
        else:
            for item in value if isinstance(value, list) else [value]:
                if item is not UNKNOWN and (reason := _refused(rule, item)):
                    yield name, reason


def _refused(rule: Rule, value: Any) -> str:  # noqa: ANN401 - a scalar or a map
    if "json" in rule.words:
        return _refused_json(rule.name, value)
    kind, _, bound = rule.check.partition(":")
    if kind == "range":
        least, most = map(int, bound.split("-"))
        fits = least <= value <= most
        return "" if fits else f"expected {rule.name} to be in the range ({least} - {most}), got {value}"
    if bound and len(value) > int(bound):
        return f'"{rule.name}" cannot be longer than {bound} characters: {value!r}'
    fits = kind not in _PATTERNS or re.fullmatch(_PATTERNS[kind], value, re.ASCII) is not None
    return "" if fits else f'"{rule.name}" ({value}) is an invalid {kind.upper() if kind == "arn" else kind}'


def _refused_json(name: str, text: str) -> str:
    """Return why a text is no policy: it is no JSON object, or has a key twice, which Terraform refuses as well."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("duplicate key")
        return dict(pairs)

    try:
        fault = "" if isinstance(json.loads(text, object_pairs_hook=unique), dict) else "not a JSON object"
    except ValueError as error:
        fault = str(error)
    return f'"{name}" contains an invalid JSON policy: {fault}' if fault else ""


def plan(rules: Mapping[str, Rule], prior: Values | None, config: Values, defaults: Values) -> tuple[Values, list[str]]:
    """Return the state that an apply would give, and the attributes that cannot change in place.

    `defaults` are the provider's default tags.
    """
    planned, replacing = Values(), list[str]()
    for name, rule in rules.items():
        old, new = (prior or {}).get(name), config.get(name)
        nothing = says_nothing(new) if rule.fields is not None else new is None
        if name == "tags_all":
            tags = config.get("tags")
            planned[name] = UNKNOWN if has_unknown(tags) else {**defaults, **(tags or {})}
        elif nothing and "computed" in rule.words:
            planned[name] = UNKNOWN if prior is None and rule.fields is None else old
        else:
            wanted = UNKNOWN if has_unknown(new) else rule.default if nothing and rule.fields is None else new
            wanted = normalize(wanted) if "json" in rule.words and isinstance(wanted, str) else wanted
            planned[name] = old if prior is not None and same(rule, old, wanted) else wanted
            if "new" in rule.words and prior is not None and not same(rule, old, wanted):
                replacing.append(name)
    return planned, replacing


def keep_words(rules: Mapping[str, Rule], read: Values, known: Mapping[str, Any]) -> Values:
    """Return a state as it was read, in the words of the last one where both mean the same or AWS does not tell."""
    return {
        name: known.get(name) if name not in read or same(rule, read[name], known.get(name)) else read[name]
        for name, rule in rules.items()
    }


def same(rule: Rule, old: Any, new: Any) -> bool:  # noqa: ANN401 - any value
    """Return whether two values of an attribute mean the same."""
    if "json" in rule.words and isinstance(old, str) and isinstance(new, str):
        return meaning(old) == meaning(new)
    unordered = "set" in rule.words or rule.fields is not None
    return new is not UNKNOWN and plans.same(old, new, unordered=unordered)
