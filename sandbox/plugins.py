"""The AWS plugin: pulumi-aws's own where it is installed, else terraform-provider-aws, else an emulated one."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sandbox.bridge import binary, catalog
from sandbox.errors import SandboxError
from sandbox.paths import REPOSITORY

Kind = Literal["real", "terraform", "emulated"]

CHOICE: Final = "PERSONALIZE_SANDBOX_AWS"
"""Environment variable that picks one: `real`, `terraform` or `emulated`."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """What serves `aws`: its kind, and its name and version for people."""

    kind: Kind
    label: str
    path: Path | None = None
    """The folder of pulumi-aws's own plugin, or the binary of terraform-provider-aws."""


def version() -> str:
    """Return the version of pulumi-aws that is installed, which the engine asks the plugin for."""
    return importlib.metadata.version("pulumi-aws")


def choose() -> Plugin:
    """Return what serves `aws` here; SandboxError where the environment picks a provider that is missing."""
    choice = os.environ.get(CHOICE, "")
    if choice not in {"", "real", "terraform", "emulated"}:
        raise SandboxError(f'{CHOICE} is "{choice}"; write real, terraform or emulated, or leave it out')
    theirs = Path.home() / ".pulumi" / "plugins" / _folder()
    if choice in {"", "real"} and (theirs / "pulumi-resource-aws").exists():
        return Plugin("real", f"pulumi-aws {version()}", theirs)
    if choice == "real":
        raise SandboxError(
            f"The AWS plugin {version()} is not in {theirs.parent}; run: pulumi plugin install resource aws {version()}"
        )
    found = binary.find() if choice in {"", "terraform"} else None
    if found:
        return Plugin("terraform", found.label, found.path)
    if choice == "terraform":
        raise SandboxError(
            f"No terraform-provider-aws is on this machine; run terraform init in a folder that requires it, with "
            f"plugin_cache_dir set in ~/.terraformrc, or set {binary.CHOICE} to its binary"
        )
    return Plugin("emulated", "the sandbox's emulated aws provider")


def install(home: Path) -> Plugin:
    """Put the plugin into a Pulumi home, and return which one it is; SandboxError where it does not run."""
    chosen = choose()
    target = home / "plugins" / _folder()
    if chosen.kind == "real" and chosen.path:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(chosen.path)
        return chosen
    module, argument = "sandbox.emulator", ""
    if chosen.path:
        catalog.load(binary.Binary(chosen.path))  # it starts, and says what it has
        module, argument = "sandbox.bridge", f" {shlex.quote(str(chosen.path))}"
    target.mkdir(parents=True, exist_ok=True)
    line = f'exec {shlex.quote(sys.executable)} -P -m {module}{argument} "$@"'
    write_script(target / "pulumi-resource-aws", line, REPOSITORY)
    return chosen


def write_script(target: Path, line: str, folder: Path | None = None) -> None:
    """Write a shell script of one line that runs with the sandbox's modules at hand."""
    with_modules = (
        f"PYTHONPATH={shlex.quote(str(folder))}${{PYTHONPATH:+:$PYTHONPATH}}\nexport PYTHONPATH\n" if folder else ""
    )
    text = f"#!/bin/sh\n{with_modules}{line}\n"
    if not target.exists() or target.read_bytes() != text.encode():
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        unfinished.write_text(text)
        unfinished.chmod(0o755)
        unfinished.rename(target)


def _folder() -> str:
    return f"resource-aws-v{version()}"
