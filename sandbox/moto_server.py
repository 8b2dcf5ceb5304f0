"""`python -m sandbox.moto_server FILE [PARENT]`: serve moto on a free loopback port, written to a file as JSON."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress import create_server

from sandbox import account

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WATCH_SECONDS = 0.5
_REMEMBERED = 1000


class _RepeatingAnswers:
    """Gives a call that an SDK repeats its first answer, if that was no error.

    On a busy machine a provider drops one answer in a hundred that came sooner than its own write returned, and calls
    again; AWS, which is farther away, would refuse the second creation of one name.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._answers: dict[str, tuple[tuple[Any, ...], list[bytes]]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if given := self._answers.get(call):
            start_response(*given[0])
            return given[1]
        started: tuple[Any, ...] = ()

        def start(*arguments: Any) -> object:  # noqa: ANN401 - WSGI's own
            nonlocal started
            started = arguments
            return start_response(*arguments)

        body = list(self._application(environ, start))  # type: ignore[arg-type] # it is called as WSGI says
        if call and started[0].startswith("2"):
            self._answers[call] = started, body
        if len(self._answers) > _REMEMBERED:
            del self._answers[next(iter(self._answers))]
        return body


def main() -> int:
    """Serve until a signal, or the end of the parent process."""
    account.install()
    address, parent = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that calls wait for each other is meant
    # moto keeps its accounts in plain dictionaries: one thread, or one call reads while another writes.
    moto = _RepeatingAnswers(DomainDispatcherApplication(create_backend_app))
    server = create_server(moto, host="127.0.0.1", port=0, threads=1)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    threading.Thread(target=server.run, daemon=True).start()
    unfinished = address.with_suffix(".writing")
    unfinished.write_text(json.dumps({"pid": os.getpid(), "port": server.effective_port}))
    unfinished.rename(address)
    while not ended.wait(_WATCH_SECONDS) and (parent is None or os.getppid() == parent):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
