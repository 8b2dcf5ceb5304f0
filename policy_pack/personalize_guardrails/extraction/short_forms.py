"""Reads YAML with CloudFormation's short forms of the intrinsic functions.

Source: CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from personalize_guardrails.extraction.repeated import Repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG_FORMS: Final = {"Ref": "Ref", "Condition": "Condition"}
_OF_THE_READER: Final = (AttributeError, IndexError, KeyError, TypeError)
"""What PyYAML raises besides for a tag whose text is none of its kind, such as `!!bool x` and `!!timestamp x`."""
_MOST_MERGED: Final = 20_000
_MERGE: Final = "tag:yaml.org,2002:merge"


def load_yaml(text: str) -> object:
    """What a YAML text holds; ValueError where it is none."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, *_OF_THE_READER):
        raise ValueError("not YAML") from None


class _Loader(yaml.SafeLoader):
    """Reads `!Sub x` as `{"Fn::Sub": x}`, and dates as the text they are written as."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge `<<`, as long as a short text does not become an endless one by it."""
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
    name = _LONG_FORMS.get(suffix, f"Fn::{suffix}")
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None}


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Iterator[dict[Any, Any]]:
    """In two steps, as an alias can stand in what it names."""
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
    found: dict[Any, Any] = Repeated() if len(set(keys)) < len(keys) else {}
    yield found
    found.update(loader.construct_mapping(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_multi_constructor("!", _short_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
