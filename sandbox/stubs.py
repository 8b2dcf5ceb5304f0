"""The gRPC stubs out of the `pulumi` wheel, without the rest of `pulumi`.

`import pulumi.runtime.proto` runs `pulumi/__init__.py` first, a quarter of a second of SDK that hosts and providers
never use. Where the SDK is loaded already (tests, an inline program) its own modules are used.
"""

# ruff: noqa: TC004 - what type checkers see as imported is loaded below
from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

_PACKAGES: Final = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")
__all__ = [
    "analyzer_pb2",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]


def _load() -> list[Any]:
    if "pulumi" in sys.modules:
        return [importlib.import_module(f"pulumi.runtime.proto.{name}") for name in __all__]
    spec = find_spec("pulumi")
    if spec is None or spec.origin is None:
        raise RuntimeError("the pulumi SDK is not installed: pip install pulumi")
    folder = Path(spec.origin).parent
    try:
        for package in _PACKAGES:
            bare = ModuleType(package)
            bare.__path__ = [str(folder.joinpath(*package.split(".")[1:]))]
            sys.modules[package] = bare
        return [importlib.import_module(f"pulumi.runtime.proto.{name}") for name in __all__]
    finally:
        for package in _PACKAGES:
            sys.modules.pop(package, None)  # whoever imports pulumi later gets the whole of it


if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        analyzer_pb2,
        language_pb2,
        language_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )
else:
    globals().update(zip(__all__, _load(), strict=True))
