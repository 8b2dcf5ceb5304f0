"""`python -m sandbox.moto_server FILE [PARENT]`: serve moto on a free loopback port, written to a file as JSON."""

from __future__ import annotations

import copy
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.iam.models import IAMBackend
from moto.kms.models import KmsBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import account
from sandbox.cloud import KEY_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def read_managed_policies_once() -> None:
    """Have moto read AWS's managed policies once for each partition, and copy them from then on.

    It reads all fifteen hundred anew for each of six partitions in each account, and all that again at each reset: half
    a second for every account that it has seen.
    """
    read = IAMBackend._init_aws_policies  # noqa: SLF001 - moto has no other place for it
    known: dict[str, list[Any]] = {}

    def copied(backend: Any) -> list[Any]:  # noqa: ANN401 - moto's own
        if backend.region_name not in known:
            known[backend.region_name] = read(backend)
        mine = [copy.copy(policy) for policy in known[backend.region_name]]
        for policy in mine:
            policy.account_id = backend.account_id
        return mine

    IAMBackend._init_aws_policies = copied  # type: ignore[assignment, method-assign] # noqa: SLF001 - the same


def take_key_ids_from_tags() -> None:
    """Have CreateKey give a key the id that its tag says: a configuration names a key before it is made."""
    create = KmsBackend.create_key

    def created(kms: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's own
        key = create(kms, *arguments, **named)
        for tag in kms.list_resource_tags(key.id)["Tags"]:
            if tag["TagKey"] == KEY_ID_TAG:
                del kms.keys[key.id]
                key.id, key.arn = tag["TagValue"], key.arn.replace(key.id, tag["TagValue"])
                kms.keys[key.id] = key
        return key

    KmsBackend.create_key = created  # type: ignore[assignment, method-assign]


def main() -> int:
    """Serve until a signal, or the end of the parent process."""
    read_managed_policies_once()
    account.install()
    take_key_ids_from_tags()
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
