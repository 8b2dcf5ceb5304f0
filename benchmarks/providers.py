"""Measures the reference stack's runs on the real AWS provider against the emulated one, and the memory of each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.measure import Cost, Row, cost, megabytes, seconds
from sandbox import cloud as moto
from sandbox import plugins, seed
from sandbox.engine import resolve
from sandbox.paths import REPOSITORY
from sandbox.progress import say
from sandbox.session import Sandbox
from sandbox.workspace import STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMULATED: Final = "emulated"
_RUNS: Final = {"up": "up", "second up": "up", "refresh": "refresh", "destroy": "destroy"}


def rows(*, small: bool = False) -> Iterator[Row]:  # noqa: ARG001 - it has one size
    """Give a row of time and one of memory for each run; none where only the emulated provider is to be had."""
    real = _measure("")
    if real.keys() == {_EMULATED}:
        say("There is no real AWS provider here to measure against the emulated one.")
        return
    [(name, costs)], emulated = real.items(), _measure(_EMULATED)[_EMULATED]
    for run, ours in costs.items():
        for kind, shown, a, b in (
            ("time", seconds, ours.seconds, emulated[run].seconds),
            ("memory", megabytes, ours.megabytes, emulated[run].megabytes),
        ):
            yield Row(
                f"{run} of the reference stack, {name} provider, {kind}", shown(a), f"emulated {shown(b)}", a / b, "-"
            )


def _measure(choice: str) -> dict[str, dict[str, Cost]]:
    """Return the cost of each run on the chosen provider, or on the best there is, under the provider's name."""
    os.environ[plugins.CHOICE] = choice
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cloud = moto.start(root, detached=False)
        try:
            sandbox = Sandbox(root, resolve(), cloud)
            if sandbox.plugin.kind == _EMULATED != choice:
                return {_EMULATED: {}}
            seed.sow(cloud, root / "seeded.json", seed.named())
            sandbox.project(REPOSITORY, STACK)
            return {sandbox.plugin.kind: {run: _cost(run, sandbox, command) for run, command in _RUNS.items()}}
        finally:
            cloud.stop()


def _cost(run: str, sandbox: Sandbox, command: str) -> Cost:
    arguments = [command, "--yes", "--skip-preview", "--stack", STACK]
    what = f"{run} on {sandbox.plugin.label}"
    return cost(what, lambda: sandbox.run(arguments, REPOSITORY), apart=sandbox.cloud.pid)
