"""Reads YAML with CloudFormation's short forms of the intrinsic functions.

Source: CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

from typing import Any, Final

import yaml

_LONG_FORMS: Final = {"Ref": "Ref", "Condition": "Condition"}


def load_yaml(text: str) -> object:
    """What a YAML text holds; ValueError where it is none."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        raise ValueError("not YAML") from None


class _Loader(yaml.SafeLoader):
    """Reads `!Sub x` as `{"Fn::Sub": x}`, and dates as the text they are written as."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = _LONG_FORMS.get(suffix, f"Fn::{suffix}")
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None}


_Loader.add_multi_constructor("!", _short_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
