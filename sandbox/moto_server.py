"""`python -m sandbox.moto_server FILE [PARENT]`: serve moto on a free loopback port, written to a file as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import account

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_WATCH_SECONDS = 0.5


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open: a quarter of the time of an update otherwise

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
        """Say nothing of each request."""


class _OneByOne:
    """moto keeps its accounts in plain dictionaries: one request at a time, or one reads while another writes."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._turn:
            answer: Iterable[bytes] = self._moto(environ, start_response)
            return answer


def main() -> int:
    """Serve until a signal, or the end of the parent process."""
    account.install()
    address, parent = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    server = make_server("127.0.0.1", 0, _OneByOne(), threaded=True, request_handler=_Quiet)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    unfinished = address.with_suffix(".writing")
    unfinished.write_text(json.dumps({"pid": os.getpid(), "port": server.port}))
    unfinished.rename(address)
    while not ended.wait(_WATCH_SECONDS) and (parent is None or os.getppid() == parent):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
