"""One folder with every command that the engine looks for: its own, and the hosts of this repository."""

from __future__ import annotations

import shlex
import shutil
import sys
from typing import TYPE_CHECKING

from sandbox.plugins import write_script

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine import Engine


def gather(engine: Engine, folder: Path) -> Path:
    """The folder to run the engine from: its own, or where it lacks a host for Python, one with that beside it."""
    if not engine.lacks_python:
        return engine.folder
    folder.mkdir(parents=True, exist_ok=True)
    for command in engine.folder.iterdir():
        _link(command, folder / command.name)
    python = shlex.quote(sys.executable)
    write_script(folder / "pulumi-language-python", f'exec {python} -P -m sandbox.host "$@"')
    write_script(folder / "pulumi-language-nodejs", f'exec {python} -P -m sandbox.host --language nodejs "$@"')
    # What the engine asks for where a program drives it and brings no host, as the Automation API's inline programs do.
    write_script(folder / "pulumi-analyzer-policy-python", 'exec python3 -u -m pulumi.policy "$1" "$2"')
    return folder


def _link(command: Path, place: Path) -> None:
    """A hard link, or a copy on another disk: the engine takes commands beside its own file as part of itself."""
    if place.exists() and not place.samefile(command) and place.stat().st_mtime < command.stat().st_mtime:
        place.unlink()
    if not place.exists():
        try:
            place.hardlink_to(command)
        except OSError:
            shutil.copy2(command, place)
