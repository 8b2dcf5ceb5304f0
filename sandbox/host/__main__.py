"""`python -m sandbox.host [--language nodejs] [ENGINE]`: serve the host, print its port, end with the engine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from concurrent import futures
from typing import Final

import grpc

from sandbox.host.language import PythonHost
from sandbox.host.nodes import NodeHost
from sandbox.host.stubs import language_pb2_grpc

_HOSTS: Final = {host.language: host for host in (PythonHost, NodeHost)}
_WORKERS = 32
_WATCH_SECONDS = 0.5
_MESSAGE_BYTES = 400 * 1024 * 1024


def main() -> int:
    """Serve until the engine is gone or says so."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--language", choices=_HOSTS, default="python")
    arguments.add_argument("engine", nargs="?", default="")
    asked = arguments.parse_known_args()[0]
    try:
        host = _HOSTS[asked.language](asked.engine)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    parent = os.getppid()
    options = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.server(futures.ThreadPoolExecutor(_WORKERS), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while not ended.wait(_WATCH_SECONDS) and os.getppid() == parent:
        pass
    host.close()
    server.stop(1).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
