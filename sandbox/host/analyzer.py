"""Runs a policy pack. The pack's own process starts once the stack is known, since its policies may read the stack.

The engine connects to a proxy, which answers the handshake, starts the pack when the stack is configured, and forwards
every later call unchanged.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc

from sandbox.host.processes import follow, start, stop
from sandbox.serving import OPTIONS
from sandbox.stubs import analyzer_pb2

if TYPE_CHECKING:
    import subprocess

    from sandbox.host.pythons import Python

_WORKERS: Final = 32

Say = Callable[[str, bytes], None]


class PackProxy(grpc.GenericRpcHandler):
    """Serves one policy pack to the engine."""

    def __init__(self, python: Python, engine: str, pack: str, environment: Mapping[str, str], say: Say) -> None:
        self._python, self._engine, self._pack, self._say = python, engine, pack, say
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: grpc.Channel | None = None
        self._starting = threading.Lock()
        self.ended = threading.Event()
        self._server = grpc.server(futures.ThreadPoolExecutor(_WORKERS), handlers=[self], options=OPTIONS)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return the handler of one call, by its name."""
        method = handler_call_details.method
        match method.rsplit("/", 1)[-1]:
            case "Handshake":
                return grpc.unary_unary_rpc_method_handler(lambda _request, _context: _HANDSHAKE)
            case "ConfigureStack":
                return grpc.unary_unary_rpc_method_handler(self._configure_stack)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._forward(method, request, context))

    def _configure_stack(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        stack = analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request)
        self._start(
            {
                "PULUMI_PROJECT": stack.project,
                "PULUMI_STACK": stack.stack,
                "PULUMI_ORGANIZATION": stack.organization or "organization",
                "PULUMI_DRY_RUN": "true" if stack.dry_run else "false",
                "PULUMI_CONFIG": json.dumps(dict(stack.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(stack.config_secret_keys)),
            },
            context,
        )
        return _CONFIGURED

    def _start(self, stack: Mapping[str, str], context: grpc.ServicerContext | None) -> None:
        with self._starting:
            if self._process:
                return
            command = [self._python.executable, "-u", "-m", "pulumi.policy", self._engine, self._pack]
            environment = {**os.environ, **self._environment, **self._python.environment, **stack}
            self._process = start(command, self._pack, environment)
            said = follow(self._process)
            port = self._port(said)
            threading.Thread(target=self._pass_on, args=(said,), daemon=True).start()
        if port is None and context:
            context.abort(grpc.StatusCode.INTERNAL, f"the policy pack {Path(self._pack).name} did not start")
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)

    def _port(self, said: Iterator[tuple[str, bytes]]) -> str | None:
        line = b""
        for stream, chunk in said:
            if stream != "stdout":
                self._say(stream, chunk)
                continue
            line += chunk
            if b"\n" in line:
                port, rest = line.split(b"\n", 1)
                if rest:
                    self._say("stdout", rest)
                return port.decode().strip()
        return None

    def _pass_on(self, said: Iterator[tuple[str, bytes]]) -> None:
        for stream, chunk in said:
            self._say(stream, chunk)

    def _forward(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        if self._channel is None:
            self._start({}, context)  # outside a stack, as `pulumi policy publish`
        if self._channel is None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the policy pack is not running")
        try:
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(method)
            return call(request)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details() or "")

    def close(self) -> None:
        """End the pack and its proxy."""
        if self._process:
            stop(self._process)
        self._server.stop(None)
        self.ended.set()


_HANDSHAKE: Final = analyzer_pb2.AnalyzerHandshakeResponse().SerializeToString()
_CONFIGURED: Final = analyzer_pb2.AnalyzerStackConfigureResponse().SerializeToString()
