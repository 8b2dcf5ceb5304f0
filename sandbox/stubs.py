"""The gRPC stubs out of the `pulumi` wheel, without the rest of `pulumi`.

`import pulumi.runtime.proto` runs `pulumi/__init__.py` first, a quarter of a second of SDK that hosts and providers
never use. Where the SDK is loaded already (tests, an inline program) its own modules are used.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_PACKAGES: Final = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")


def load(*names: str) -> list[Any]:
    """The named modules of `pulumi.runtime.proto`."""
    if "pulumi" in sys.modules:
        return [importlib.import_module(f"pulumi.runtime.proto.{name}") for name in names]
    spec = find_spec("pulumi")
    if spec is None or spec.origin is None:
        raise RuntimeError("the pulumi SDK is not installed: pip install pulumi")
    folder = Path(spec.origin).parent
    try:
        for package in _PACKAGES:
            bare = ModuleType(package)
            bare.__path__ = [str(folder.joinpath(*package.split(".")[1:]))]
            sys.modules[package] = bare
        return [importlib.import_module(f"pulumi.runtime.proto.{name}") for name in names]
    finally:
        for package in _PACKAGES:
            sys.modules.pop(package, None)  # whoever imports pulumi later gets the whole of it
