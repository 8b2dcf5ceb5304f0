"""`python -m sandbox.bridge BINARY [ENGINE]`: serve that binary as the aws provider, print the port."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox import plugins
from sandbox.bridge import catalog, configuration
from sandbox.bridge.binary import Binary
from sandbox.bridge.process import Process
from sandbox.bridge.provider import Provider
from sandbox.errors import exit_code
from sandbox.serving import serve
from sandbox.stubs import provider_pb2_grpc

if TYPE_CHECKING:
    from sandbox.bridge.protocol import TerraformProvider


def main() -> None:
    """Serve the binary's provider."""
    parent = os.getppid()
    configuration.endpoint()
    binary = Binary(Path(sys.argv[1]))
    binary.check()
    known = catalog.load(binary)
    serve_provider(Process(binary), known, parent)


def serve_provider(process: TerraformProvider, known: catalog.Catalog, parent: int) -> None:
    """Serve a provider until the engine is gone or a signal says so, and end it."""
    provider = Provider(process, known, plugins.version())
    try:
        serve(partial(provider_pb2_grpc.add_ResourceProviderServicer_to_server, provider), parent)
    finally:
        process.stop()


if __name__ == "__main__":
    sys.exit(exit_code(main))
