"""Loads YAML with CloudFormation's short forms of the intrinsic functions.

Source: CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import yaml

from personalize_guardrails.extraction.duplicate_keys import ObjectWithDuplicates

_LONG_FORMS: Final = {"Ref": "Ref", "Condition": "Condition"}
_RAISED_BY_PYYAML: Final = (AttributeError, IndexError, KeyError, TypeError)
"""What PyYAML raises besides for a tag that its text does not fit, such as `!!bool x` and `!!timestamp x`."""
_SEVERAL: Final = "expected a single document in the stream"
"""What PyYAML says of such a text."""
_MOST_MERGED: Final = 20_000
_MERGE: Final = "tag:yaml.org,2002:merge"


@lru_cache(maxsize=4)
def load_yaml(text: str) -> object:
    """Return the value in a YAML text; ValueError says why there is none. Callers must not change it."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, *_RAISED_BY_PYYAML) as error:
        several = isinstance(error, yaml.MarkedYAMLError) and error.context == _SEVERAL
        why = "it is several YAML documents; save each in its own file" if several else "it is neither JSON nor YAML"
        raise ValueError(why) from None


def compose_yaml(text: str) -> yaml.Node | None:
    """Return the nodes of a YAML text, with their positions; ValueError where it is not YAML."""
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        raise ValueError("not YAML") from None


class _Loader(yaml.SafeLoader):
    """Reads `!Sub x` as `{"Fn::Sub": x}`, and dates as the text they are written as."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._doubled: dict[yaml.Node, list[str]] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - as PyYAML has it
        """Refuse an alias inside what it names: no JSON is like that, and walks through it would not end."""
        node: yaml.Node | None = super().compose_node(parent, index)
        if node is not None and node.end_mark is None:  # what it names is not read to its end
            raise ValueError("an alias in it is inside what it names")
        return node

    def doubled_keys(self, node: yaml.MappingNode) -> list[str]:
        """Return the keys that appear twice in a mapping with different values, as it is written."""
        if node not in self._doubled:
            values: dict[str, set[object]] = {}
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                    plain = (value.tag, value.value) if isinstance(value, yaml.ScalarNode) else value
                    values.setdefault(key.value, set()).add(plain)
            self._doubled[node] = [key for key, different in values.items() if len(different) > 1]
        return self._doubled[node]

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge `<<`, unless the result is too large: aliases can make a short text endless."""
        self.doubled_keys(node)  # before the merged keys are among its own
        for key, value in node.value:
            if key.tag == _MERGE:
                merged = [each for each in _listed(value) if isinstance(each, yaml.MappingNode)]
                for each in merged:
                    self.flatten_mapping(each)
                if sum(len(each.value) for each in merged) > _MOST_MERGED:
                    raise yaml.YAMLError
        super().flatten_mapping(node)


def _listed(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Return the long form of a function: `!Sub x` is `{"Fn::Sub": "x"}`."""
    name = _LONG_FORMS.get(suffix, f"Fn::{suffix}")
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        doubled = loader.doubled_keys(node)
        arguments = loader.construct_mapping(node, deep=True)
        return {name: ObjectWithDuplicates(arguments, doubled) if doubled else arguments}
    return {name: None}


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Iterator[dict[Any, Any]]:
    """Build a mapping in two steps, as PyYAML's own constructor does."""
    doubled = loader.doubled_keys(node)
    found: dict[Any, Any] = ObjectWithDuplicates({}, doubled) if doubled else {}
    yield found
    found.update(loader.construct_mapping(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_multi_constructor("!", _short_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
