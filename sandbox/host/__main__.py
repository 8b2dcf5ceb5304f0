"""`python -m sandbox.host [--language nodejs] [ENGINE]`: serve the host, print its port, end with the engine."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Final

from sandbox.host.golang import GoHost
from sandbox.host.language import PythonHost
from sandbox.host.nodes import NodeHost
from sandbox.serving import serve
from sandbox.stubs import language_pb2_grpc

_HOSTS: Final = {host.language: host for host in (PythonHost, NodeHost, GoHost)}


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
    serve(partial(language_pb2_grpc.add_LanguageRuntimeServicer_to_server, host), os.getppid(), host.close)
    return 0


if __name__ == "__main__":
    sys.exit(main())
