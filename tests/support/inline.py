"""A sandbox that runs one-file programs in the tests' own process, as Pulumi's Automation API does.

The engine, its provider and the SDK are the same; what is saved is a language host and an interpreter for every command,
half of its time. Tests of hosts, examples and pages use `Sandbox` itself.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2_grpc

from sandbox.session import Project, Result, Sandbox
from tests.support.attached import Attached

_BORN: Final[dict[tuple[str, str], list[bytes]]] = {}
"""What the engine writes for a new stack, by the names of project and stack."""
# Ports come back. Of an engine that is gone a channel may be left that waits before it connects again, and channels of
# one address share that: a new engine at its port would count as gone too.
_GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))
_RUNS_PROGRAMS: Final = frozenset({"up", "preview", "refresh", "destroy"})


@dataclass
class InlineSandbox(Sandbox):
    """Runs the programs that `program` wrote in this process; all others as `Sandbox` does."""

    attached: Attached | None = None
    """A running provider, which engines attach to where they would start the same."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.environment |= self.attached.environment(self) if self.attached else {}

    def project(self, folder: Path, stack: str = "test") -> Project:
        """As `Sandbox` does; a stack that another test has made already is a copy of that one at its birth."""
        project = Project(self, folder, stack)
        files = [self.backend / ".pulumi/meta.yaml", project.state, folder / f"Pulumi.{stack}.yaml"]
        if any(file.exists() for file in files[1:]):
            return super().project(folder, stack)
        key = (project.name, stack)
        if key not in _BORN:
            project.select()
            _BORN[key] = [file.read_bytes() for file in files]
        for file, content in zip(files, _BORN[key], strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return project

    def run(self, arguments: Sequence[str], folder: Path, *, check: bool = True, shown: bool = False) -> Result:
        program = folder / "__main__.py"
        if arguments[0] not in _RUNS_PROGRAMS or self.root / "projects" not in folder.parents or not program.exists():
            return super().run(arguments, folder, check=check, shown=shown)
        with chdir(folder), _served(program) as address:  # programs of the pages read files beside them
            return super().run([*arguments, "--client", address], folder, check=check, shown=shown)


MakeSandbox = Callable[[Path], Sandbox]
"""Makes a sandbox in a folder; all of them are before the same account."""


@contextmanager
def _served(program: Path) -> Iterator[str]:
    """Serve a program to the engine; the address."""
    run = partial(runpy.run_path, str(program), run_name="__main__")
    server = grpc.server(ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(lambda: run() and None), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=1).wait()
