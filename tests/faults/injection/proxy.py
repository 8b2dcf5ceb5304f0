"""The proxy: to the plugin it is AWS, and what its plan lets pass goes to moto unchanged."""

from __future__ import annotations

import select
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from sandbox.cloud import Cloud
from tests.faults.injection.answers import AFTERWARDS, DROPS, KILLS, Answer, Fault, answer
from tests.faults.injection.calls import read
from tests.faults.injection.killing import kill_provider, kill_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse
    from socket import socket

    from tests.faults.injection.plans import Plan

_MOTO_ANSWERS_WITHIN: Final = 30.0
_SILENT_AT_MOST: Final = 5.0
"""AWS's own Go SDK waits without end: the connection is lost first."""
_OF_ONE_CONNECTION: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})
_KNOWN_AGAIN_BY: Final = frozenset({"amz-sdk-invocation-id"})
"""By it the sandbox's account would give a repeated call its first answer, which AWS does not."""
_LOOPBACK: Final = "127.0.0.1"


class FaultyCloud:
    """An account that is reached through faults. What the tests themselves ask goes to moto directly."""

    def __init__(self, moto: Cloud) -> None:
        self.moto = moto
        self.plan: Plan | None = None
        self.met: Counter[Fault] = Counter()
        """How often each fault happened."""
        self.errors: list[BaseException] = []
        """What went wrong in the proxy itself."""
        self._turn = threading.Lock()
        self._server = _Server(self)

    @classmethod
    @contextmanager
    def before(cls, moto: Cloud) -> Iterator[FaultyCloud]:
        """Serve, until the block ends."""
        faulty = cls(moto)
        thread = threading.Thread(target=faulty._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield faulty
        finally:
            faulty._server.shutdown()
            thread.join()
            faulty._server.server_close()

    @property
    def cloud(self) -> Cloud:
        """The account, for a `Sandbox` whose plugin is to meet the faults."""
        return Cloud(self.moto.pid, self._server.server_port)

    def note(self, fault: Fault) -> None:
        """Count a fault that happened."""
        with self._turn:
            self.met[fault] += 1


class _Server(ThreadingHTTPServer):
    def __init__(self, faulty: FaultyCloud) -> None:
        super().__init__((_LOOPBACK, 0), _Handler)
        self.faulty = faulty

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that are killed leave connections behind; anything else is the test's to know."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.faulty.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client, and one to moto beside it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    @override
    def setup(self) -> None:
        super().setup()
        self._moto = HTTPConnection(_LOOPBACK, self.server.faulty.moto.port, timeout=_MOTO_ANSWERS_WITHIN)

    @override
    def finish(self) -> None:
        self._moto.close()
        super().finish()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""

    def do_GET(self) -> None:
        """Do as the plan says."""
        faulty = self.server.faulty
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = read(self.command, self.path, self.headers, body)
        fault = faulty.plan.fault(call) if faulty.plan and call else None
        if call is None or fault is None:
            self._send(*self._passed_on(body))
            return
        if fault in AFTERWARDS:
            self._passed_on(body)
        faulty.note(fault)
        if fault in KILLS:
            kill_run(self.client_address[1], engine_alone=fault is Fault.ENGINE_KILLED)
        if fault is Fault.PROVIDER_KILLED:
            kill_provider(self.client_address[1])
        if fault is Fault.SILENT:
            _wait_for_the_end(self.connection)
        if fault in DROPS:
            self.close_connection = True
        elif fault is Fault.ENGINE_KILLED:
            self._send(*self._passed_on(body))
        else:
            self._refuse(answer(fault, call))

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the base class calls methods by the verbs of HTTP

    def _passed_on(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        left_out = _OF_ONE_CONNECTION | _KNOWN_AGAIN_BY
        headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
        self._moto.request(self.command, self.path, body or None, headers)
        response = self._moto.getresponse()
        return response, response.read()

    def _send(self, response: HTTPResponse, body: bytes) -> None:
        headers = {name: value for name, value in response.getheaders() if name.lower() not in _OF_ONE_CONNECTION}
        if body:
            headers["Content-Length"] = str(len(body))
        self.send_response_only(response.status, response.reason)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, refusal: Answer) -> None:
        self.send_response_only(refusal.status)
        self.send_header("Content-Type", refusal.content_type)
        self.send_header("Content-Length", str(len(refusal.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(refusal.body)


def _wait_for_the_end(connection: socket) -> None:
    """Until the caller hangs up."""
    select.select([connection], [], [], _SILENT_AT_MOST)
