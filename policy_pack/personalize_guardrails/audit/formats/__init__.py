"""The formats of a report. Each is a module here with a function `write(audit, out)`, and is named like the module."""

from __future__ import annotations

import pkgutil
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalize_guardrails.audit.report import Audit


def _write(name: str, audit: Audit, out: TextIO) -> None:
    import_module(f"{__name__}.{name}").write(audit, out)


FORMATS: Final[Mapping[str, Callable[[Audit, TextIO], None]]] = MappingProxyType(
    {module.name: partial(_write, module.name) for module in pkgutil.iter_modules(__path__)}
)
"""The function that writes each format, by the format's name."""
