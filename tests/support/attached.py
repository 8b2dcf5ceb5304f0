"""Keeps the `aws` provider running between engine commands, to which they attach by `PULUMI_DEBUG_PROVIDERS`.

Starting the bridge and the process of terraform-provider-aws takes more time than most commands. Each connection of an
engine has an instance of the provider of its own, as in a process of its own; configured processes are shared by the
commands that configure them alike. Tests of processes, cancellation, and faults use providers that engines start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from sandbox import plugins
from sandbox.bridge import catalog
from sandbox.bridge.binary import Binary
from sandbox.bridge.catalog import Catalog
from sandbox.bridge.process import Process, ProviderError
from sandbox.bridge.protocol import TerraformProvider
from sandbox.bridge.provider import Provider
from sandbox.bridge.values import unpack
from sandbox.emulator import provider as emulated
from sandbox.emulator import rules
from sandbox.paths import REPOSITORY
from sandbox.plugins import Plugin
from sandbox.serving import serve
from sandbox.session import Sandbox
from sandbox.stubs import provider_pb2_grpc

_KEPT: Final = 8
"""How many configured processes are kept; each takes some 150 MB."""


@dataclass(frozen=True)
class Attached:
    """A provider that runs, with what the AWS variables of its environment say."""

    plugin: Plugin
    variables: Mapping[str, str]
    port: int

    def environment(self, sandbox: Sandbox) -> dict[str, str]:
        """What makes the sandbox's engines attach to it, where they would start the same."""
        alike = sandbox.plugin == self.plugin and _of_aws(sandbox.environment) == self.variables
        return {"PULUMI_DEBUG_PROVIDERS": f"aws:{self.port}"} if alike else {}


@contextmanager
def attachable(sandbox: Sandbox) -> Iterator[Attached | None]:
    """Serve what a sandbox's engines would start; None for pulumi-aws's own plugin, which serves one engine only."""
    plugin = sandbox.plugin
    if plugin.kind == "real":
        yield None
        return
    command = [sys.executable, "-P", "-m", __name__, *([str(plugin.path)] if plugin.path else [])]
    variables = {**sandbox.environment, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield Attached(plugin, _of_aws(variables), int(server.stdout.readline()))
        finally:
            server.terminate()


def _of_aws(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("AWS_")}


@dataclass
class Pool:
    """Processes of the provider by their configuration, the one used last at the end."""

    start: Callable[[], TerraformProvider]
    guard: threading.Lock = field(default_factory=threading.Lock)
    kept: dict[bytes, TerraformProvider] = field(default_factory=dict)

    def configured(self, key: bytes, message: dict[str, Any]) -> TerraformProvider:
        """The process with that configuration, started again where others have taken its place."""
        with self.guard:
            process = self.kept.pop(key, None) or self._started(message)
            self.kept[key] = process
            if len(self.kept) > _KEPT:
                self.kept.pop(next(iter(self.kept))).stop()
        return process

    def _started(self, message: dict[str, Any]) -> TerraformProvider:
        process = self.start()
        try:
            process.call("Configure", **message)
        except ProviderError:
            process.stop()
            raise
        return process

    def stop(self) -> None:
        """End every process."""
        for process in self.kept.values():
            process.stop()


@dataclass
class Shared:
    """What one instance of the provider calls: a process of the pool, from its configuration on."""

    pool: Pool
    spare: TerraformProvider
    """Answers what comes before a configuration."""
    configuration: tuple[bytes, dict[str, Any]] | None = None

    def call(self, name: str, **fields: Any) -> Any:
        if name == "Configure":
            # A process that assumes a role is never shared, as its credentials expire.
            own = os.urandom(8) if unpack(fields["config"])["assume_role"] else b""
            self.configuration = fields["config"].msgpack + own, fields
        process = self.pool.configured(*self.configuration) if self.configuration else self.spare
        return None if name == "Configure" else process.call(name, **fields)

    def stop(self) -> None:
        """Leave the process to others."""


class Connections:
    """Answers each connection of an engine by an instance of the provider of its own."""

    def __init__(self, make: Callable[[], Provider]) -> None:
        self._make = make
        self._made: dict[str, Provider] = {}
        self._guard = threading.Lock()

    def __getattr__(self, name: str) -> Callable[[Any, Any], Any]:
        def call(request: Any, context: Any) -> Any:
            with self._guard:
                if name == "Handshake" or context.peer() not in self._made:
                    self._made[context.peer()] = self._make()
            return getattr(self._made[context.peer()], name)(request, context)

        return call


def main() -> None:
    """Serve the binary that is named, else the emulated provider, until the parent process ends."""
    parent = os.getppid()
    binary = Binary(Path(sys.argv[1])) if sys.argv[1:] else None
    known = catalog.load(binary) if binary else Catalog(rules.schema())
    pool = Pool(partial(Process, binary) if binary else emulated.Provider)
    spare, version = pool.start(), plugins.version()
    connections: Any = Connections(lambda: Provider(Shared(pool, spare), known, version))
    try:
        serve(partial(provider_pb2_grpc.add_ResourceProviderServicer_to_server, connections), parent)
    finally:
        spare.stop()
        pool.stop()


if __name__ == "__main__":
    main()
