"""The stubs that the host speaks with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stubs import load

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2, language_pb2, language_pb2_grpc, plugin_pb2
else:
    analyzer_pb2, language_pb2, language_pb2_grpc, plugin_pb2 = load(
        "analyzer_pb2", "language_pb2", "language_pb2_grpc", "plugin_pb2"
    )

__all__ = ["analyzer_pb2", "language_pb2", "language_pb2_grpc", "plugin_pb2"]
