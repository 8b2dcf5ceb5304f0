"""Serves gRPC to the engine: prints the port, and ends with the engine or at a signal."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Final

import grpc

OPTIONS: Final = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),  # as the engine's own limit
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
]
_WORKERS: Final = 32
_WATCH_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 2.0


def serve(register: Callable[[grpc.Server], object], parent: int, at_end: Callable[[], object] = lambda: None) -> None:
    """Serve what `register` adds until the parent process is gone or a signal says so; then `at_end`, then stop."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    server = grpc.server(futures.ThreadPoolExecutor(_WORKERS), options=OPTIONS)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while not ended.wait(_WATCH_SECONDS) and os.getppid() == parent:
        pass  # an engine that was killed will never call or end this process
    at_end()
    server.stop(_GRACE_SECONDS).wait()
