"""What the trust rule finds, and the proof of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Remedy = Mapping[str, Mapping[str, object]]
"""Conditions by operator and key: text, a function of a template as an object, or several of which any will do."""


class Kind(StrEnum):
    """`unguarded` and `malformed` are violations; `unsatisfiable` is safe, but the role can never be used."""

    UNGUARDED = "unguarded"
    MALFORMED = "malformed"
    UNSATISFIABLE = "unsatisfiable"


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that the document allows and should not: sts:AssumeRole by `service`.

    A key that is None is absent. `context` holds the other keys that it needs, `statement` is the
    index of the Allow that lets it in. Its values are made up, or accounts and patterns of the document.
    """

    service: str
    source_account: str | None
    source_arn: str | None
    context: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    statement: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is stable and made for programs, `path` points into the document.

    `remedy` holds the conditions to write into the statement, by operator and key, where that is the remedy: only what
    is missing, or a narrower form of what is too wide. `message` has them in words.
    """

    kind: Kind
    code: str
    path: str
    message: str
    witness: Witness | None = None
    remedy: Remedy | None = field(default=None, hash=False)
