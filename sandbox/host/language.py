"""Serves Python to the engine: programs, component plugins, policy packs, dependencies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import grpc
from google.protobuf import json_format

from sandbox.host import sdks
from sandbox.host.analyzer import PackProxy
from sandbox.host.base import Host
from sandbox.host.processes import follow, stop
from sandbox.host.pythons import Python, has_editable, installed_plugins, python_for
from sandbox.stubs import language_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXEC_SHIM: Final = "pulumi-language-python-exec"


class PythonHost(Host):
    """Runs Python programs, component plugins and policy packs."""

    language: ClassVar[str] = "python"

    def __init__(self, engine: str) -> None:
        """Take the engine's address; FileNotFoundError without the script that runs programs."""
        super().__init__(engine)
        shim = shutil.which(_EXEC_SHIM)
        if shim is None:
            raise FileNotFoundError(f"{_EXEC_SHIM} is not on PATH")
        self._exec_shim = shim
        self._packs: list[PackProxy] = []

    def _plugins(self, info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> list[dict[str, Any]]:
        return installed_plugins(_python(info, context))

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:  # noqa: N802 - gRPC names its methods so, here and below
        """Run a program to its end, and pass its output on as it comes."""
        python = _python(request.info, context)
        flags = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        command = [
            python.executable,
            "-u",
            self._exec_shim,
            *(part for name, value in flags.items() if value for part in (f"--{name}", value)),
            str(Path(request.info.program_directory, request.info.entry_point or ".")),
            *request.args,
        ]
        return self._run(command, request, python.environment)

    def RunPlugin(  # noqa: N802
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a component plugin or a policy pack until the engine ends it."""
        given = dict(variable.split("=", 1) for variable in request.env)
        options = json_format.MessageToDict(request.info.options)
        folder = request.info.program_directory
        installed = request.kind != "analyzer" and "virtualenv" not in options and Path(folder, "venv").is_dir()
        if installed and not has_editable(python_for(folder, {}), Path(folder)):
            options["virtualenv"] = "venv"  # where the official host installs a component plugin
        python = _interpreter(request.info.root_directory, options, context)
        if request.kind == "analyzer":
            yield from self._run_pack(request, python, given, context)
            return
        command = [python.executable, "-u", folder, *request.args]
        process = self._start(command, request.pwd, {**given, **python.environment})
        context.add_callback(lambda: stop(process))
        for name, chunk in follow(process):
            yield _plugin_output(name, chunk)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())

    def _run_pack(
        self,
        request: language_pb2.RunPluginRequest,
        python: Python,
        given: Mapping[str, str],
        context: grpc.ServicerContext,
    ) -> Iterator[language_pb2.RunPluginResponse]:
        def say(name: str, chunk: bytes) -> None:
            os.write(1 if name == "stdout" else 2, chunk)

        engine = request.args[0] if request.args else self._engine
        pack = PackProxy(python, engine, request.info.program_directory, given, say)
        with self._guard:
            self._packs.append(pack)
        context.add_callback(pack.close)
        yield language_pb2.RunPluginResponse(stdout=f"{pack.port}\n".encode())
        pack.ended.wait()
        yield language_pb2.RunPluginResponse(exitcode=0)

    def InstallDependencies(  # noqa: N802
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Make the virtualenv that the options name, and install the requirements into it."""
        options = json_format.MessageToDict(request.info.options)
        default = "venv" if request.is_plugin else ""
        folder = options.get("virtualenv") or default
        root, program = request.info.root_directory or request.directory, Path(request.directory)
        if (program / "requirements.txt").exists():
            wanted = ["-r", "requirements.txt"]
        elif (program / "pyproject.toml").exists():
            wanted = ["-e", "."]
        else:
            return
        if not folder or (folder is default and has_editable(python_for(root, {}), program)):
            return
        target = Path(root, str(folder))
        pip = [str(target / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
        commands = [[*pip, *wanted]]
        if not target.exists():
            commands.insert(0, ["python3", "-m", "venv", str(target)])
        for command in commands:
            yield from self._install(command, request.directory, context)

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:  # noqa: N802
        """Return the interpreter and its version."""
        python = _python(request.info, context)
        said = subprocess.run([python.executable, "--version"], capture_output=True, text=True, check=False).stdout
        return language_pb2.AboutResponse(executable=python.executable, version=said.strip().removeprefix("Python "))

    def GetProgramDependencies(  # noqa: N802
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """Return the packages installed for the program."""
        python = _python(request.info, context)
        listed = subprocess.run(
            [python.executable, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
            capture_output=True,
            text=True,
            check=False,
        )
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(**package) for package in json.loads(listed.stdout or "[]")]
        )

    def Link(self, request: language_pb2.LinkRequest, _context: grpc.ServicerContext) -> language_pb2.LinkResponse:  # noqa: N802
        """Add generated SDKs to what a program requires."""
        program = Path(request.info.program_directory)
        return language_pb2.LinkResponse(
            import_instructions=sdks.link(program, [Path(package.path) for package in request.packages])
        )

    def close(self) -> None:
        """End every program, plugin and pack."""
        super().close()
        with self._guard:
            packs = list(self._packs)
        for pack in packs:
            pack.close()


def _plugin_output(name: str, chunk: bytes) -> language_pb2.RunPluginResponse:
    if name == "stdout":
        return language_pb2.RunPluginResponse(stdout=chunk)
    return language_pb2.RunPluginResponse(stderr=chunk)


def _python(info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> Python:
    return _interpreter(info.root_directory, json_format.MessageToDict(info.options), context)


def _interpreter(root: str, options: Mapping[str, Any], context: grpc.ServicerContext) -> Python:
    try:
        return python_for(root, options)
    except FileNotFoundError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
