"""Finds an engine that works here, in the order in which people expect it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.engine import build, release
from sandbox.engine.versions import digest, pulumi_version
from sandbox.errors import SandboxError
from sandbox.paths import cache

if TYPE_CHECKING:
    from collections.abc import Iterator

CHOICE: Final = "PERSONALIZE_SANDBOX_ENGINE"
"""Environment variable that picks one way: `path`, `release` or `build`."""
_OLDEST: Final = (3, 220, 0)
_PYTHON_HOST: Final = "pulumi-language-python"

NONE_TO_BE_HAD: Final = (
    "No Pulumi engine is to be had here. Install one of these and run the command again:\n"
    "  - the Pulumi CLI {version} or newer, https://www.pulumi.com/docs/install/ (it brings all that is needed), or\n"
    "  - Go 1.25 or newer, https://go.dev/doc/install, and the engine is built from its modules."
)


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine: the folder of its commands, and whether it lacks a host for Python programs, as a built one does."""

    folder: Path
    lacks_python: bool


def resolve() -> Engine:
    """An engine on PATH, else the official release, else one built from source; the last two are kept in the cache."""
    choice = os.environ.get(CHOICE, "")
    if choice not in {"", "path", "release", "build"}:
        raise SandboxError(f'{CHOICE} is "{choice}"; write path, release or build, or leave it out')
    if choice in {"", "path"} and (found := on_path()):
        return found
    if choice == "path":
        raise SandboxError(NONE_TO_BE_HAD.format(version=pulumi_version()))
    folder = cache() / "engine" / f"{pulumi_version()}-{digest()}"
    with _lock(folder):
        if not (folder / "pulumi").exists():
            _install(folder, choice)
    return Engine(folder, lacks_python=not (folder / _PYTHON_HOST).exists())


def on_path() -> Engine | None:
    """The engine on PATH, where it is new enough and brings a host for Python."""
    pulumi, host = shutil.which("pulumi"), shutil.which(_PYTHON_HOST)
    if not pulumi or not host:
        return None
    said = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False).stdout.strip()
    numbers = said.removeprefix("v").split("-")[0].split(".")
    if not all(part.isdigit() for part in numbers) or tuple(map(int, numbers)) < _OLDEST:
        return None
    return Engine(Path(pulumi).resolve().parent, lacks_python=False)


def _install(folder: Path, choice: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as made:
        target = Path(made) / "engine"
        target.mkdir()
        if choice == "build" or not release.fetch(target):
            if choice == "release" or not shutil.which("go"):
                raise SandboxError(NONE_TO_BE_HAD.format(version=pulumi_version()))
            build.build(target)
        target.rename(folder)


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One at a time: a second caller waits, and finds the engine made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
