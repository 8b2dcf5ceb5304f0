"""What the real provider's schema says of a resource type, beyond the names of its properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoName:
    """How a name is made where the program gives none: `prefix` + the resource's name + `-` + seven hex digits."""

    property: str = "name"
    longest: int
    prefix: str = ""
    lower: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the real provider's schema says of a type, beyond its property names.

    `computed` inputs keep their value when the program leaves them out; `replacing` ones cannot be changed in place;
    `documents` are JSON policies, `sets` lists without order; `written` are inputs that AWS never returns. Inputs in
    `absent` exist in pulumi-aws but are not emulated, and are refused.
    """

    kind: str
    label: str
    replacing: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    name: AutoName | None = None
    delete_first: bool = False


@dataclass(frozen=True, slots=True)
class Naming:
    """What the engine says about automatic names: its random seed, and its own proposal if it has one."""

    logical: str
    seed: bytes = b""
    proposed: str | None = None
    disabled: bool = False
