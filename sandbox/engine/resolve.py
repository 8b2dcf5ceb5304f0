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

NO_ENGINE: Final = (
    "No Pulumi engine was found. Install one of these and run the command again:\n"
    "  - the Pulumi CLI {version} or newer, https://www.pulumi.com/docs/install/ (it brings all that is needed), or\n"
    "  - Go 1.25 or newer, https://go.dev/doc/install, and the engine is built from its modules."
)


_ORIGINS: Final = {"path": "on PATH", "release": "the official release", "build": "built from source"}


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine: the folder of its commands, its version, and where it comes from: `path`, `release` or `build`."""

    folder: Path
    version: str
    origin: str

    @property
    def lacks_hosts(self) -> bool:
        """Whether this repository's language hosts have to stand in: one built from source comes without any."""
        return self.origin == "build"

    def __str__(self) -> str:
        return f"Pulumi {self.version}, {_ORIGINS[self.origin]}"


def resolve() -> Engine:
    """Return the engine on PATH, else the official release, else one built from source; the cache keeps these two."""
    choice = os.environ.get(CHOICE, "")
    if choice not in {"", *_ORIGINS}:
        raise SandboxError(f'{CHOICE} is "{choice}"; write path, release or build, or leave it out')
    if choice in {"", "path"} and (found := on_path()):
        return found
    if choice == "path":
        raise SandboxError(NO_ENGINE.format(version=pulumi_version()))
    folder = _folder()
    with _lock(folder):
        if not (folder / build.ENGINE).exists():
            _install(folder, choice)
    origin = "release" if (folder / _PYTHON_HOST).exists() else "build"
    return Engine(folder, pulumi_version(), origin)


def command(name: str) -> Path:
    """Return one of `build.ON_DEMAND` beside the built engine, building it if need be: made once, by one at a time."""
    folder = _folder()
    with _lock(folder):
        if not (folder / name).exists():
            with _unfinished(folder) as made:
                build.build_command(name, made)
                (made / name).rename(folder / name)
    return folder / name


def on_path() -> Engine | None:
    """Return the engine on PATH, or None where it is too old or brings no host for Python."""
    pulumi, host = shutil.which(build.ENGINE), shutil.which(_PYTHON_HOST)
    if not pulumi or not host:
        return None
    said = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False).stdout.strip()
    version = said.removeprefix("v")
    numbers = version.split("-")[0].split(".")
    if not all(part.isdigit() for part in numbers) or tuple(map(int, numbers)) < _OLDEST:
        return None
    return Engine(Path(pulumi).resolve().parent, version, "path")


def _folder() -> Path:
    return cache() / "engine" / f"{pulumi_version()}-{digest()}"


def _install(folder: Path, choice: str) -> None:
    """Download or build an engine; the folder appears when it is complete."""
    with _unfinished(folder) as made:
        if choice == "build" or not release.fetch(made):
            if choice == "release" or not shutil.which("go"):
                raise SandboxError(NO_ENGINE.format(version=pulumi_version()))
            build.build_engine(made)
        made.rename(folder)


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the same disk as the finished one; what is left in it afterwards is removed."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as parent:
        made = Path(parent) / "engine"
        made.mkdir()
        yield made


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Let one at a time in: a second caller waits, and finds the engine made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
