"""`python -m sandbox.moto_server FILE [PARENT]`: serve moto on a free loopback port and write the port to a file."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

_WATCH_SECONDS = 0.5


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open: a quarter of the time of an update otherwise

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
        """Say nothing of each request."""


def main() -> int:
    """Serve until a signal, or the end of the parent process."""
    told, parent = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    server = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True, request_handler=_Quiet
    )
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    unfinished = told.with_suffix(".writing")
    unfinished.write_text(str(server.port))
    unfinished.rename(told)
    while not ended.wait(_WATCH_SECONDS) and (parent is None or os.getppid() == parent):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
