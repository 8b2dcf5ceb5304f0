"""`python3 -m sandbox.install GROUP`: a virtual environment with a dependency group of pyproject.toml.

Standard library only, and nothing but pip: it runs before anything is installed, with the pip that Python brings, which
may be too old to know dependency groups. The group `up` gets an engine as well, while pip is busy with the network.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sandbox.engine import resolve
from sandbox.errors import SandboxError, exit_code
from sandbox.paths import REPOSITORY
from sandbox.progress import step

_WITH_ENGINE = "up"
_VENV = REPOSITORY / ".venv"


def requirements(group: str, groups: Mapping[str, Sequence[str | Mapping[str, str]]]) -> Iterator[str]:
    """Give the requirements of a group, those of the groups that it includes among them (PEP 735)."""
    for entry in groups[group]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from requirements(entry["include-group"], groups)


def install(group: str) -> None:
    """Make the environment if need be, and install the project and the group; SandboxError where pip fails."""
    groups: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["dependency-groups"]
    python = _VENV / "bin/python"
    if not python.exists():
        with step("Making the virtual environment .venv"):
            venv.create(_VENV, with_pip=True)
    # Compiling every module of pulumi_aws and moto takes longer than installing them: Python compiles what it imports.
    options = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    command = [str(python), "-m", "pip", "install", *options, "--editable", ".[policy]", *requirements(group, groups)]
    with step(f'Installing the packages of the group "{group}" (once)'):
        done = subprocess.run(command, cwd=REPOSITORY, check=False)
    if done.returncode:
        raise SandboxError(f"pip could not install what {REPOSITORY / 'pyproject.toml'} names; its words are above")


def main() -> None:
    """Install the group named on the command line."""
    group = sys.argv[1]
    with ThreadPoolExecutor(1) as beside:
        engine: Future[object] | None = beside.submit(resolve) if group == _WITH_ENGINE else None
        install(group)
        if engine:
            engine.result()
    (_VENV / f".ready-{group}").touch()


if __name__ == "__main__":
    sys.exit(exit_code(main))
