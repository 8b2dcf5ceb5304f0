"""Serves Node.js to the engine: programs in TypeScript and JavaScript, run by the SDK that they have installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import grpc
from google.protobuf import json_format

from sandbox.host import modules
from sandbox.host.base import Host
from sandbox.stubs import language_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator


class NodeHost(Host):
    """Runs programs of Node.js, with modules that npm installs."""

    language: ClassVar[str] = "nodejs"

    def _plugins(self, info: language_pb2.ProgramInfo, _context: grpc.ServicerContext) -> list[dict[str, Any]]:
        return modules.installed_plugins(Path(info.program_directory))

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:  # noqa: N802 - gRPC names its methods so, here and below
        """Run a program to its end. The SDK compiles it if it is TypeScript."""
        try:
            runner = modules.runner(request.info.program_directory)
        except FileNotFoundError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        flags = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "organization": request.organization,
            "project": request.project,
            "root-directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.info.program_directory,
            "parallel": str(request.parallel),
        }
        command = [
            "node",
            runner,
            *(part for name, value in flags.items() if value for part in (f"--{name}", value)),
            *(["--dry-run"] if request.dryRun else []),
            request.info.entry_point or ".",
            *request.args,
        ]
        return self._run(command, request, {"PULUMI_NODEJS_TYPESCRIPT": "true"} if _typed(request.info) else {})

    def InstallDependencies(  # noqa: N802
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install what `package.json` asks for."""
        command = ["npm", "install", "--loglevel=error", "--no-audit", "--no-fund"]
        yield from self._install(command, request.info.program_directory, context)

    def Link(self, request: language_pb2.LinkRequest, context: grpc.ServicerContext) -> language_pb2.LinkResponse:  # noqa: N802
        """Add generated SDKs to the modules that a program depends on."""
        packages = {package.package.name: Path(package.path) for package in request.packages}
        try:
            linked = modules.link(Path(request.info.program_directory), packages, typed=_typed(request.info))
        except RuntimeError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return language_pb2.LinkResponse(import_instructions=linked)


def _typed(info: language_pb2.ProgramInfo) -> bool:
    """Return whether the SDK compiles the program from TypeScript, the default of the project's options."""
    return bool(json_format.MessageToDict(info.options).get("typescript", True))
