"""`python -m sandbox.bridge BINARY [ENGINE]`: serve that binary as the aws provider, print the port."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc

from sandbox import plugins
from sandbox.bridge import catalog, configuration
from sandbox.bridge.binary import Binary
from sandbox.bridge.process import Process
from sandbox.bridge.provider import Provider
from sandbox.bridge.stubs import provider_pb2_grpc
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from sandbox.bridge.protocol import TerraformProvider

_MESSAGE_BYTES: Final = 400 * 1024 * 1024  # as the engine's own limit
_WORKERS: Final = 32
_WATCH_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 2.0


def main() -> int:
    """Serve the binary's provider; 1 with one message when it cannot."""
    parent = os.getppid()
    try:
        configuration.endpoint()
        binary = Binary(Path(sys.argv[1]))
        binary.check()
        known = catalog.load(binary)
        process = Process(binary)
    except (SandboxError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return serve(process, known, parent)


def serve(process: TerraformProvider, known: catalog.Catalog, parent: int) -> int:
    """Serve a provider until the parent process is gone or a signal says so, and end it; return the exit code."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        options = [
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ]
        server = grpc.server(futures.ThreadPoolExecutor(_WORKERS), options=options)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(process, known, plugins.version()), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        print(port, flush=True)
        while not ended.wait(_WATCH_SECONDS):
            if os.getppid() != parent:  # the engine was killed: nobody will ever call or end this process
                break
        server.stop(_GRACE_SECONDS).wait()
    finally:
        process.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
