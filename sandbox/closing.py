"""Says what a run was made on: which engine, which AWS provider, and what that does not prove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.engine import Engine
    from sandbox.plugins import Plugin

_NOT_PROVEN: Final = (
    "An emulated provider does not prove what the real one does with a change: which property replaces a resource, "
    "which is updated in place, and whether the next preview is empty."
)


def closing_lines(engine: Engine, plugin: Plugin) -> Iterator[str]:
    """Give the lines that end a run."""
    yield f"Engine: {engine}."
    yield f"AWS provider ({plugin.kind}): {plugin.label}."
    if plugin.kind == "emulated":
        yield _NOT_PROVEN
