"""Serves Go to the engine: programs that are compiled before they run."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.host.base import Host
from sandbox.stubs import language_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    import grpc


class GoHost(Host):
    """Compiles Go programs as the engine itself was, so that Go's cache has what they share, and runs them."""

    language: ClassVar[str] = "go"

    def _plugins(self, _info: language_pb2.ProgramInfo, _context: grpc.ServicerContext) -> list[dict[str, Any]]:
        return []  # the engine finds those of this repository by what the program registers

    def Run(self, request: language_pb2.RunRequest, _context: grpc.ServicerContext) -> language_pb2.RunResponse:  # noqa: N802 - gRPC names its methods so
        """Compile a program, and run it to its end."""
        from sandbox.engine.versions import COMPILER_FLAGS  # noqa: PLC0415 - other hosts start sooner without it

        environment = {
            "PULUMI_MONITOR": request.monitor_address,
            "PULUMI_ENGINE": self._engine,
            "PULUMI_ORGANIZATION": request.organization,
            "PULUMI_PROJECT": request.project,
            "PULUMI_ROOT_DIRECTORY": request.info.root_directory,
            "PULUMI_STACK": request.stack,
            "PULUMI_PARALLEL": str(request.parallel),
            "PULUMI_DRY_RUN": str(request.dryRun).lower(),
        }
        with tempfile.TemporaryDirectory() as folder:
            program = str(Path(folder, "program"))
            command = ["go", "build", "-trimpath", "-ldflags=-s -w", *COMPILER_FLAGS, "-o", program, "."]
            built = subprocess.run(
                command, cwd=request.info.program_directory, capture_output=True, text=True, check=False
            )
            if built.returncode:
                return language_pb2.RunResponse(error=f"the program does not compile:\n{built.stderr}")
            return self._run([program], request, environment)

    def InstallDependencies(  # noqa: N802 - the same
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Download the modules that the program imports."""
        yield from self._install(["go", "mod", "tidy"], request.info.program_directory, context)

    def Link(self, request: language_pb2.LinkRequest, _context: grpc.ServicerContext) -> language_pb2.LinkResponse:  # noqa: N802 - the same
        """Have the program's module take generated SDKs from their folders."""
        program = request.info.program_directory
        for package in request.packages:
            module = Path(program, package.path, "go.mod").read_text().split()[1]
            replaced = [f"-replace={module}=./{package.path}", f"-require={module}@v0.0.0"]
            subprocess.run(["go", "mod", "edit", *replaced], cwd=program, check=True)
        return language_pb2.LinkResponse()
