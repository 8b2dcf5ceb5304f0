"""Kills a run: the engine and every process it has started, as a machine does that goes down; or the engine or the provider alone."""

from __future__ import annotations

import contextlib

import psutil

from sandbox.errors import SandboxError


def kill_run(port: int, *, engine_alone: bool = False) -> None:
    """Kill the run of this process whose AWS plugin speaks from that loopback port; SandboxError if there is none."""
    runs = psutil.Process().children()
    for engine in runs:
        tree = [engine, *engine.children(recursive=True)]
        if any(_speaks_from(process, port) for process in tree):
            for process in [engine] if engine_alone else tree:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            return
    raise SandboxError(f"no run of this process speaks from port {port}: there is nothing to kill")


def kill_provider(port: int) -> None:
    """Kill the one process below this one that speaks from that loopback port; SandboxError if there is none."""
    for process in psutil.Process().children(recursive=True):
        if _speaks_from(process, port):
            process.kill()
            return
    raise SandboxError(f"no process speaks from port {port}: there is nothing to kill")


def _speaks_from(process: psutil.Process, port: int) -> bool:
    try:
        return any(each.laddr and each.laddr.port == port for each in process.net_connections("tcp"))
    except psutil.Error:  # it has just ended
        return False
