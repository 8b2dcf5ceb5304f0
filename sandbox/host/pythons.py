"""Finds the Python of a program as the official host does: the virtualenv option, else `python3` on PATH."""

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
    """Return the interpreter for a program below `root`; FileNotFoundError names a missing virtualenv."""
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


def has_editable(python: Python, folder: Path) -> bool:
    """Return whether the sources that a folder's requirements name are installed as editable, so that nothing is to do.

    A copy in a virtualenv of its own would be out of date after the next change.
    """
    requirements = folder / "requirements.txt"
    lines = requirements.read_text().splitlines() if requirements.exists() else []
    wanted = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    projects = [str((folder / line).resolve()) for line in wanted if (folder / line / "pyproject.toml").exists()]
    if not wanted or len(projects) < len(wanted):
        return False
    done = subprocess.run(
        [python.executable, "-c", _FIND_EDITABLE], capture_output=True, text=True, check=False, env=_with(python)
    )
    return set(projects) <= set(done.stdout.splitlines())


def installed_plugins(python: Python) -> list[dict[str, Any]]:
    """Return name, version and server of each resource plugin that the installed packages need."""
    done = subprocess.run(
        [python.executable, "-c", _FIND_PLUGINS],
        capture_output=True,
        text=True,
        check=False,
        env=_with(python),
    )
    found = [line.split("\t") for line in done.stdout.splitlines()]
    return [{"name": name, "version": version, "server": server} for name, version, server in found]


def _with(python: Python) -> dict[str, str]:
    return {**os.environ, **python.environment}


_FIND_EDITABLE = """
import importlib.metadata, json
from urllib.parse import unquote, urlsplit
for distribution in importlib.metadata.distributions():
    about = json.loads(distribution.read_text("direct_url.json") or "{}")
    if about.get("dir_info", {}).get("editable"):
        print(unquote(urlsplit(about["url"]).path))
"""
# Runs in the program's own interpreter, which may be another one than the host's.
_FIND_PLUGINS = """
import importlib.metadata, json, pathlib, sys
found = {}
for folder in map(pathlib.Path, filter(None, sys.path)):
    for file in folder.glob("*pulumi*/pulumi-plugin.json"):
        found.setdefault(file.parent.name, file)
for package, file in found.items():
    about = json.loads(file.read_text())
    if about.get("resource"):
        name = about.get("name") or package.removeprefix("pulumi_").replace("_", "-")
        try:
            version = about.get("version") or importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
        print(name, "v" + version.removeprefix("v"), about.get("server") or "", sep="\\t")
"""
