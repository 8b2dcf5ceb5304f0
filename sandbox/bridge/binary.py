"""Finds the terraform-provider-aws binary, where Terraform's own documentation says that providers lie."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError

CHOICE: Final = "PERSONALIZE_SANDBOX_TERRAFORM_AWS"
"""Environment variable that names a binary."""
MAJORS: Final = (5, 6)
"""Versions whose resources are those of the installed pulumi-aws."""
_ADDRESS: Final = Path("registry.terraform.io", "hashicorp", "aws")
_NAME: Final = re.compile(r"terraform-provider-aws_v(\d+)\.(\d+)\.(\d+)")
_DOCUMENTED: Final = ("/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
_ADD_ONS: Final = ("/opt", "/usr/local", "/srv", "~/.local")
"""The usual roots of add-on software; searched last, three folders deep."""
_MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Binary:
    """The provider's executable file."""

    path: Path

    @property
    def version(self) -> tuple[int, ...] | None:
        """The version in its name, None where the name has none."""
        found = _NAME.match(self.path.name)
        return tuple(map(int, found.groups())) if found else None

    @property
    def label(self) -> str:
        """Its name as messages and closing lines have it."""
        return f"terraform-provider-aws {'.'.join(map(str, self.version or ()))}".rstrip()

    def check(self) -> None:
        """Raise SandboxError where it is not there, cannot be run, or is of a version that is not pulumi-aws's."""
        advice = f"set {CHOICE} to a terraform-provider-aws of version {' or '.join(map(str, MAJORS))}"
        if not self.path.is_file():
            raise SandboxError(f"{self.path} is not there; {advice}, or leave it out")
        if not os.access(self.path, os.X_OK):
            raise SandboxError(f"{self.path} is not executable; run: chmod +x {self.path}")
        if self.version and self.version[0] not in MAJORS:
            raise SandboxError(f"{self.path} is version {'.'.join(map(str, self.version))}; {advice}")


def find() -> Binary | None:
    """Return the binary that the environment names, else the newest in the first place that has one, else None."""
    named = os.environ.get(CHOICE)
    if named:
        chosen = Binary(Path(named).expanduser().absolute())
        chosen.check()
        return chosen
    for place in _places():
        found = [Binary(path) for path in (place / _ADDRESS).glob(f"*/{_platform()}/terraform-provider-aws_v*")]
        fitting = [each for each in found if each.version and each.version[0] in MAJORS]
        if fitting:
            newest = max(fitting, key=lambda each: each.version or ())
            newest.check()
            return newest
    return None


def _places() -> Iterator[Path]:
    """Yield the folders that may hold providers, in the order in which Terraform looks; add-on software last."""
    yield from _configured()
    yield Path("~/.terraform.d/plugins").expanduser()
    yield Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "terraform/plugins"
    yield from map(Path, _DOCUMENTED)
    for root in _ADD_ONS:
        for depth in ("", "*/", "*/*/"):
            yield from (each.parent for each in sorted(Path(root).expanduser().glob(f"{depth}{_ADDRESS.parts[0]}")))


def _configured() -> Iterator[Path]:
    """Yield the mirrors and the cache that Terraform's CLI configuration names."""
    file = Path(os.environ.get("TF_CLI_CONFIG_FILE") or "~/.terraformrc").expanduser()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    mirrors = re.findall(r'filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"', text)
    caches = re.findall(r'^\s*plugin_cache_dir\s*=\s*"([^"]+)"', text, re.MULTILINE)
    for place in [*mirrors, os.environ.get("TF_PLUGIN_CACHE_DIR", ""), *caches]:
        if place:
            yield Path(os.path.expandvars(place)).expanduser()


def _platform() -> str:
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_MACHINES.get(machine, machine)}"
