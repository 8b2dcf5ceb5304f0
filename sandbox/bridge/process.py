"""The provider's process: started, spoken to over its socket, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, Final

import grpc

from sandbox.bridge.protocol import MESSAGES, VERSION, Message, method
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from sandbox.bridge.binary import Binary

_COOKIE: Final = {
    "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS": str(VERSION),
}
"""What Terraform's plugins ask for, so that nobody starts them by hand."""
_QUIET: Final = dict.fromkeys(
    ("TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_MUX", "TF_LOG_SDK_HELPER_SCHEMA", "TF_LOG_SDK_FRAMEWORK"), "OFF"
)
"""Unset, they mean that everything is logged: a megabyte for one schema."""
_STARTS_WITHIN: Final = 60.0
_ENDS_WITHIN: Final = 2.0
_LAST_WORDS: Final = 5
_DIE_WITH_PARENT: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
if os.getppid() == int(sys.argv[1]):
    try:
        os.execv(sys.argv[2], sys.argv[2:])
    except OSError as error:
        sys.exit(error.strerror)
"""
_ERROR: Final = 1


class ProviderError(Exception):
    """Why the provider refuses or fails, in its own words."""


class RefusedError(ProviderError):
    """Errors that the provider answers; `properties` are the attributes that they name, where they name one."""

    def __init__(self, found: Iterable[Message]) -> None:
        self.found = [(_attribute(item), _words(item)) for item in found]
        count = len(self.found)
        listed = "".join(f"\n\t* {text}" for _, text in self.found)
        super().__init__(f"{count} error{'s' if count > 1 else ''} occurred:{listed}\n\n")


class Process:
    """A running provider."""

    def __init__(self, binary: Binary) -> None:
        """Start it; SandboxError where it is no provider that speaks this protocol."""
        self._binary = binary
        try:
            self._process = subprocess.Popen(
                [*_dying_with_this_process(), str(binary.path)],
                env={**os.environ, **_COOKIE, **_QUIET},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise SandboxError(f"{binary.path} cannot be run: {error.strerror}") from error
        self._readers: list[threading.Thread] = []
        self._last: deque[str] = deque(maxlen=_LAST_WORDS)
        self._drain(self._process.stderr, self._last)  # type: ignore[arg-type] # it is a pipe
        try:
            self._channel = grpc.insecure_channel(
                f"unix:{self._handshake()}",
                options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
            )
        except SandboxError:
            self.stop()
            raise

    def call(self, name: str, **fields: Any) -> Message:  # noqa: ANN401 - fields of any message
        """Call it; RefusedError with the errors that it answers, ProviderError where it is gone."""
        try:
            answer = method(self._channel, name)(MESSAGES[name](**fields))
        except grpc.RpcError as error:
            raise ProviderError(self._failure(name, error)) from error
        if name != "ApplyResourceChange" and (found := errors_in(answer)):  # an apply that fails may leave something
            raise RefusedError(found)
        return answer

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(_ENDS_WITHIN)

    def _handshake(self) -> str:
        """Return the path of its socket."""
        watch = threading.Timer(_STARTS_WITHIN, self._process.kill)
        watch.daemon = True
        watch.start()
        stdout: IO[str] = self._process.stdout  # type: ignore[assignment] # it is a pipe
        line = stdout.readline().strip()
        watch.cancel()
        self._drain(stdout, deque(maxlen=0))
        parts = line.split("|")
        if len(parts) < 5 or parts[2] != "unix" or parts[4] != "grpc":
            raise SandboxError(f"{self._binary.path} is not a Terraform provider{self._said(line)}")
        if parts[1] != str(VERSION):
            raise SandboxError(
                f"{self._binary.path} speaks version {parts[1]} of Terraform's protocol, the sandbox version {VERSION}"
            )
        return parts[3]

    def _failure(self, name: str, error: Any) -> str:  # noqa: ANN401 - gRPC's errors are calls too
        try:
            code = self._process.wait(_ENDS_WITHIN if error.code() is grpc.StatusCode.UNAVAILABLE else 0)
        except subprocess.TimeoutExpired:
            return f"{self._binary.label} failed at {name}: {error.details()}"
        how = f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with code {code}"
        return f"{self._binary.label} {how} at {name}{self._said('')}; run the command again"

    def _said(self, line: str) -> str:
        said = [line, *self._last] if line else list(self._last)
        return f", and said: {' '.join(each.strip() for each in said)[-500:]}" if said else ", and said nothing"

    def _drain(self, stream: IO[str], kept: deque[str]) -> None:
        """Read to the end in the background: a full pipe would stop it."""

        def read() -> None:
            with stream:
                kept.extend(stream)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        self._readers.append(thread)


def errors_in(answer: Message) -> list[Message]:
    """Return the errors among an answer's diagnostics."""
    return [item for item in getattr(answer, "diagnostics", ()) if item.severity == _ERROR]


def _dying_with_this_process() -> list[str]:
    """Return the command that runs another one so that the kernel ends it with this process, however this one ends.

    Other systems than Linux have no such thing: there, only a bridge that is killed by itself leaves its provider.
    """
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]


def _attribute(diagnostic: Message) -> str:
    return diagnostic.attribute.steps[0].attribute_name if diagnostic.attribute.steps else ""


def _words(diagnostic: Message) -> str:
    summary, detail = diagnostic.summary.strip(), diagnostic.detail.strip()
    return f"{summary}: {detail}" if detail else summary
