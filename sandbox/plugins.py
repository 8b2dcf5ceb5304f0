"""The AWS plugin: the real one where it can be had, else the emulated one of `sandbox.emulator`."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import sys
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError
from sandbox.paths import REPOSITORY

CHOICE: Final = "PERSONALIZE_SANDBOX_AWS"
"""Environment variable that picks one: `real` or `emulated`."""


def version() -> str:
    """The version of pulumi-aws that is installed, which the engine asks the plugin for."""
    return importlib.metadata.version("pulumi-aws")


def install(home: Path) -> str:
    """Put the plugin into a Pulumi home, and tell which one it is: `real` or `emulated`."""
    choice = os.environ.get(CHOICE, "")
    if choice not in {"", "real", "emulated"}:
        raise SandboxError(f'{CHOICE} is "{choice}"; write real or emulated, or leave it out')
    name = f"resource-aws-v{version()}"
    target = home / "plugins" / name
    theirs = Path.home() / ".pulumi" / "plugins" / name
    if choice != "emulated" and (theirs / "pulumi-resource-aws").exists():
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(theirs)
        return "real"
    if choice == "real":
        raise SandboxError(
            f"The AWS plugin {version()} is not in {theirs.parent}; run: pulumi plugin install resource aws {version()}"
        )
    target.mkdir(parents=True, exist_ok=True)
    write_script(
        target / "pulumi-resource-aws", f'exec {shlex.quote(sys.executable)} -P -m sandbox.emulator "$@"', REPOSITORY
    )
    return "emulated"


def write_script(target: Path, line: str, folder: Path | None = None) -> None:
    """Write a shell script of one line that runs with the sandbox's modules at hand."""
    with_modules = (
        f"PYTHONPATH={shlex.quote(str(folder))}${{PYTHONPATH:+:$PYTHONPATH}}\nexport PYTHONPATH\n" if folder else ""
    )
    text = f"#!/bin/sh\n{with_modules}{line}\n"
    if not target.exists() or target.read_text() != text:
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        unfinished.write_text(text)
        unfinished.chmod(0o755)
        unfinished.rename(target)
