"""Has what the hosts of all languages share: common answers, and running child processes."""

from __future__ import annotations

import json
import os
import shutil
import threading
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final

import grpc
from google.protobuf import empty_pb2

from sandbox.host import sdks
from sandbox.host.processes import follow, start, stop
from sandbox.stubs import language_pb2, language_pb2_grpc, plugin_pb2

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping, Sequence

_SHOWN_ALREADY: Final = 32
"""Exit code of a program that has printed its own error, in every language."""
_SDK_GENERATOR: Final = "personalize-sdkgen"


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """A host of one language. Calls it does not know answer UNIMPLEMENTED."""

    language: ClassVar[str]
    """The language's name for the generator of SDKs."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._children: list[subprocess.Popen[bytes]] = []
        self._guard = threading.Lock()

    def Handshake(  # noqa: N802 - gRPC names its methods so, here and below
        self, request: language_pb2.LanguageHandshakeRequest, _context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Take the engine's address."""
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, _request: empty_pb2.Empty, _context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Return a fixed version: the host has none of its own."""
        return plugin_pb2.PluginInfo(version="1.0.0")

    def RuntimeOptionsPrompts(  # noqa: N802
        self, _request: language_pb2.RuntimeOptionsRequest, _context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Ask nothing."""
        return language_pb2.RuntimeOptionsResponse()

    def GetRequiredPackages(  # noqa: N802
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Return the resource plugins that the program's installed packages need."""
        return language_pb2.GetRequiredPackagesResponse(
            packages=[
                plugin_pb2.PackageDependency(kind="resource", **plugin)
                for plugin in self._plugins(request.info, context)
            ]
        )

    @abstractmethod
    def _plugins(self, info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> list[dict[str, Any]]:
        """Return name, version and server of each."""

    def GeneratePackage(  # noqa: N802
        self, request: language_pb2.GeneratePackageRequest, context: grpc.ServicerContext
    ) -> language_pb2.GeneratePackageResponse:
        """Write the SDK of a package."""
        generator = shutil.which(_SDK_GENERATOR)
        if generator is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{_SDK_GENERATOR} is not on PATH")
        return sdks.generate(self._start([generator, self.language], request.directory, {}), request)

    def Cancel(self, _request: empty_pb2.Empty, _context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        """End every child."""
        self.close()
        return empty_pb2.Empty()

    def close(self) -> None:
        """End every child."""
        with self._guard:
            children = list(self._children)
        for process in children:
            stop(process)

    def _start(self, command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        process = start(command, cwd, {**os.environ, **environment})
        with self._guard:
            self._children.append(process)
        return process

    def _run(
        self, command: Sequence[str], request: language_pb2.RunRequest, environment: Mapping[str, str]
    ) -> language_pb2.RunResponse:
        """Run a program to its end, and pass its output on as it comes."""
        configuration = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        process = self._start(command, request.pwd, {**environment, **configuration})
        for name, chunk in follow(process):
            os.write(1 if name == "stdout" else 2, chunk)
        code = process.wait()
        if code == _SHOWN_ALREADY:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}" if code else "")

    def _install(
        self, command: Sequence[str], folder: str, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Run a command that installs something: its output is the answer, and its failure fails the call."""
        process = self._start(command, folder, {})
        for name, chunk in follow(process):
            yield language_pb2.InstallDependenciesResponse(**{name: chunk})
        if process.wait():
            context.abort(grpc.StatusCode.INTERNAL, f"{' '.join(command)} failed")
