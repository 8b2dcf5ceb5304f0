"""The provider protocol's gRPC stubs, out of the `pulumi` wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stubs import load

if TYPE_CHECKING:
    from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
else:
    plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2 = load(
        "plugin_pb2", "provider_pb2", "provider_pb2_grpc", "status_pb2"
    )

__all__ = ["plugin_pb2", "provider_pb2", "provider_pb2_grpc", "status_pb2"]
