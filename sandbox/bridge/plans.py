"""Terraform core's part of a plan: the proposed new state, and how a planned state differs from the one before."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox.bridge.wire import UNKNOWN

if TYPE_CHECKING:
    from sandbox.bridge.schema import Field, Shape

_NOTHING: Final[tuple[object, ...]] = (None, "", 0, False, [], {})
"""The legacy SDK cannot tell these apart."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: a property's path, `add`, `delete` or `update`, and whether it forces a replacement."""

    path: str
    kind: str
    replace: bool

    @property
    def property(self) -> str:
        """The property that differs."""
        return self.path.split("[", 1)[0]


def propose(shape: Shape, prior: Mapping[str, Any] | None, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration, with computed attributes that it leaves null taken from the prior state."""
    prior = prior or {}
    return {name: _propose_field(field, prior.get(name), config.get(name)) for name, field in shape.fields.items()}


def _propose_field(field: Field, prior: Any, config: Any) -> Any:  # noqa: ANN401 - any value
    if not field.block:
        return prior if config is None and field.computed else config
    within = field.shape.element or field.shape
    if config is None or config is UNKNOWN or prior in (None, UNKNOWN):
        return config
    if field.shape.kind == "object":
        return propose(within, prior, config)
    if field.shape.kind == "map":
        return {name: propose(within, prior.get(name), item) for name, item in config.items()}
    if field.shape.kind == "list":
        before = [*prior, *[None] * len(config)]
        return [item if item is UNKNOWN else propose(within, before[index], item) for index, item in enumerate(config)]
    return [item if item is UNKNOWN else propose(within, _alike(within, prior, item), item) for item in config]


def _alike(shape: Shape, prior: list[Any], item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the element of a prior set that a configured one continues: they differ in computed attributes only."""
    for candidate in prior:
        configured = [name for name, field in shape.fields.items() if not (field.computed and item.get(name) is None)]
        if all(same(candidate.get(name), item.get(name)) for name in configured):
            return candidate  # type: ignore[no-any-return] # an object
    return None


def changes(
    shape: Shape,
    prior: Mapping[str, Any],
    planned: Mapping[str, Any],
    config: Mapping[str, Any],
    replacing: Collection[str],
) -> list[Change]:
    """Return what a plan changes. `replacing` are the attributes that cannot change in place."""
    found: list[Change] = []
    for name, field in shape.fields.items():
        old, new = prior.get(name), planned.get(name)
        follows = field.computed and new is UNKNOWN and config.get(name) is None
        if not follows and not same(old, new, unordered=field.shape.kind == "set"):
            found += [
                Change(path, kind, name in replacing)
                for path, kind in _changed(field.shape, field.pulumi_name, old, new)
            ]
        elif name in replacing and name != "id":
            found.append(Change(field.pulumi_name, "update", replace=True))
    without_following = [change for change in found if not change.path.startswith("tagsAll")]
    return without_following or found


def _changed(shape: Shape, path: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any value
    if shape.kind == "map" and isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            if not same(old.get(name), new.get(name)) or (name in old) != (name in new):
                yield f'{path}["{name}"]', _kind(old.get(name), new.get(name))
    else:
        yield path, _kind(old, new)


def _kind(old: object, new: object) -> str:
    return "add" if says_nothing(old) else "delete" if says_nothing(new) else "update"


def same(old: Any, new: Any, *, unordered: bool = False) -> bool:  # noqa: ANN401 - any value
    """Return whether two values mean the same to the legacy SDK."""
    old, new = _stated(old), _stated(new)
    if unordered and isinstance(old, list) and isinstance(new, list):
        old, new = sorted(old, key=_order), sorted(new, key=_order)
    return bool(old == new)


def says_nothing(value: object) -> bool:
    """Return whether the value is null, or what the legacy SDK cannot tell from null."""
    return any(value == empty and type(value) is type(empty) for empty in _NOTHING)


def _stated(value: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, dict):
        value = {name: kept for name, item in value.items() if not says_nothing(kept := _stated(item))}
    elif isinstance(value, list):
        value = [_stated(item) for item in value]
    return None if says_nothing(value) else value


def _order(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
