"""Which Python runs a program, as the official host decides it: the virtualenv option, else `python3` on PATH."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter, and the environment variables that make child processes use it too."""

    executable: str
    environment: Mapping[str, str]


def python_for(root: str, options: Mapping[str, Any]) -> Python:
    """The interpreter for a program below `root`; FileNotFoundError names a virtualenv that is not there."""
    option = str(options.get("virtualenv") or "")
    if not option:
        return Python("python3", {})
    folder = Path(root, option).resolve()
    executable = folder / "bin/python"
    if not executable.exists():
        raise FileNotFoundError(
            f'The virtualenv "{option}" of the project does not exist; make it with "pulumi install", or correct the '
            "runtime options in its Pulumi.yaml"
        )
    return Python(
        str(executable),
        {"VIRTUAL_ENV": str(folder), "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"},
    )


def installed_plugins(python: Python) -> list[dict[str, Any]]:
    """The resource plugins that the installed packages name: name, version and server of each."""
    done = subprocess.run(
        [python.executable, "-c", _FIND_PLUGINS],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **python.environment},
    )
    found = [line.split("\t") for line in done.stdout.splitlines()]
    return [{"name": name, "version": version, "server": server} for name, version, server in found]


# Runs in the program's own interpreter, which may be another one than the host's.
_FIND_PLUGINS = """
import importlib.metadata, json
for distribution in importlib.metadata.distributions():
    for file in distribution.files or []:
        if file.name == "pulumi-plugin.json" and len(file.parts) == 2 and "pulumi" in file.parts[0]:
            about = json.loads(file.read_text())
            if about.get("resource"):
                name = about.get("name") or file.parts[0].removeprefix("pulumi_").replace("_", "-")
                version = about.get("version") or distribution.version
                print(name, "v" + version.removeprefix("v"), about.get("server") or "", sep="\\t")
"""
