"""Reads the table of types: what the protocol's schema tells of them, and what only the provider's code knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sandbox.bridge.protocol import MESSAGES, Message

_TABLE: Final = Path(__file__).with_name("types.json")
_KINDS: Final[Mapping[str, Any]] = {
    "bool": "bool",
    "number": "number",
    "map": ["map", "string"],
    "set": ["set", "string"],
    "string": "string",
}
_LIST, _SET = 2, 3
_ID: Final = {"id": "optional computed"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One attribute or nested block.

    `new`: another value is another resource. `json`: a policy, compared by what it says.
    `check`: the check of its text in a preview, such as `name:64`. `single`: a block that may be written once.
    """

    name: str
    words: frozenset[str] = frozenset()
    default: Any = None
    check: str = ""
    fields: Mapping[str, Rule] | None = None
    single: bool = False

    @property
    def kind(self) -> str:
        """The kind of an attribute: `string`, `bool`, `number`, `map` or `set`."""
        return next(iter(self.words & _KINDS.keys()), "string")


def _rule(name: str, row: str | Mapping[str, Any]) -> Rule:
    if not isinstance(row, str):
        words, fields = row.get("", "optional"), {key: value for key, value in row.items() if key}
        return Rule(name[:-2], frozenset(words.split()), fields=_rules(fields), single=name.endswith("{}"))
    words = row.split()
    default = next((word.removeprefix("default:") for word in words if word.startswith("default:")), "null")
    check = next((word for word in words if ":" in word and not word.startswith("default:")), "")
    return Rule(name, frozenset(words), json.loads(default), "arn" if "arn" in words else check)


def _rules(rows: Mapping[str, Any]) -> dict[str, Rule]:
    return {rule.name: rule for rule in (_rule(name, row) for name, row in rows.items())}


@cache
def table(section: str) -> Mapping[str, Mapping[str, Rule]]:
    """Return the attributes by type of a section: `resources` or `data_sources`."""
    rows = json.loads(_TABLE.read_text(encoding="utf-8"))[section]
    return {name: _rules({**_ID, **fields}) for name, fields in rows.items()}


def schema() -> Message:
    """Return the answer to GetSchema."""
    provider = json.loads(_TABLE.read_text(encoding="utf-8"))["provider"]
    answer = MESSAGES["GetSchemaAnswer"]()
    _describe(answer.provider.block, _rules(provider))
    for section in ("resources", "data_sources"):
        for name, rules in table(section).items():
            _describe(getattr(answer, section).add(key=name).value.block, rules)
    return answer


def _describe(block: Message, rules: Mapping[str, Rule]) -> None:
    for rule in rules.values():
        if rule.fields is None:
            kind = json.dumps(_KINDS[rule.kind]).encode()
            flags = {word: True for word in ("required", "optional", "computed") if word in rule.words}
            block.attributes.add(name=rule.name, type=kind, **flags)
        else:
            nesting = {"nesting": _LIST, "max_items": 1} if rule.single else {"nesting": _SET}
            _describe(block.block_types.add(type_name=rule.name, **nesting).block, rule.fields)
