"""Gathers every command that the engine looks for in one folder: its own, and the hosts of this repository."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.engine.build import ON_DEMAND
from sandbox.plugins import write_script

if TYPE_CHECKING:
    from sandbox.engine import Engine


def gather(engine: Engine, folder: Path) -> Path:
    """Return the folder to run the engine from: its own, or where it lacks hosts, one with ours beside it."""
    if not engine.lacks_hosts:
        return engine.folder
    folder.mkdir(parents=True, exist_ok=True)
    python = shlex.quote(sys.executable)
    for name in ON_DEMAND:
        if not (engine.folder / name).exists():
            write_script(folder / name, f'built=$({python} -P -m sandbox.engine {name}) && exec "$built" "$@"')
    for command in engine.folder.iterdir():
        _link(command, folder / command.name)
    write_script(folder / "pulumi-language-python", f'exec {python} -P -m sandbox.host "$@"')
    for name in ("nodejs", "go"):
        write_script(folder / f"pulumi-language-{name}", f'exec {python} -P -m sandbox.host --language {name} "$@"')
    # What the engine asks for where a program drives it and brings no host, as the Automation API's inline programs do.
    write_script(folder / "pulumi-analyzer-policy-python", 'exec python3 -u -m pulumi.policy "$1" "$2"')
    return folder


def _link(command: Path, place: Path) -> None:
    """Make a hard link, or a copy on another disk: the engine takes commands beside its own file as part of itself."""
    if place.exists() and not place.samefile(command) and place.stat().st_mtime < command.stat().st_mtime:
        place.unlink()
    if not place.exists():
        try:
            place.hardlink_to(command)
        except OSError:
            shutil.copy2(command, place)
