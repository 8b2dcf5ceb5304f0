"""`python -m sandbox.emulator [ENGINE]`: serve the emulated aws provider, print its port, end with the engine."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures

import grpc

from sandbox.emulator.provider import Provider
from sandbox.emulator.session import UnsafeEndpointError, loopback
from sandbox.emulator.stubs import provider_pb2_grpc

_MESSAGE_BYTES = 400 * 1024 * 1024  # as the engine's own limit
_WORKERS = 32
_WATCH_SECONDS = 0.5
_GRACE_SECONDS = 2.0


def main() -> int:
    """Serve until the parent process is gone or a signal says so; 1 when the endpoint is not loopback."""
    try:
        loopback(os.environ.get("AWS_ENDPOINT_URL"))
    except UnsafeEndpointError as error:
        print(error, file=sys.stderr)
        return 1
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    parent = os.getppid()
    options = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.server(futures.ThreadPoolExecutor(_WORKERS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while not ended.wait(_WATCH_SECONDS):
        if os.getppid() != parent:  # the engine was killed: nobody will ever call or end this process
            break
    server.stop(_GRACE_SECONDS).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
