"""A Chromium to look at pages with: the one on PATH, else Debian's, unpacked into the user's cache."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import SandboxError
from sandbox.paths import cache
from sandbox.progress import step

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICE: Final = "PERSONALIZE_SANDBOX_BROWSER"
"""Environment variable that picks one way: `path` or `packages`."""
NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES: Final = ("chromium-headless-shell", "fonts-inter", "fonts-liberation")

NONE_TO_BE_HAD: Final = (
    "No Chromium is to be had here ({why}). Put one on PATH under one of the names "
    f"{', '.join(NAMES)}, or run where apt-get knows the packages {', '.join(PACKAGES)}."
)
_BINARY: Final = "usr/lib/chromium/chromium-headless-shell"
_FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/cache</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>sans</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <include ignore_missing="yes">{root}/usr/share/fontconfig/conf.avail</include>
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A command that starts a Chromium, and what must be in its environment besides."""

    command: str
    environment: Mapping[str, str]


def resolve() -> Chromium:
    """A Chromium; SandboxError says why there is none. What is unpacked once is kept in the cache."""
    choice = os.environ.get(CHOICE, "")
    if choice not in {"", "path", "packages"}:
        raise SandboxError(f'{CHOICE} is "{choice}"; write path or packages, or leave it out')
    if choice != "packages" and (found := next(filter(None, map(shutil.which, NAMES)), None)):
        return Chromium(found, {})
    if choice == "path":
        raise SandboxError(NONE_TO_BE_HAD.format(why="none is on PATH"))
    root = cache() / "chromium"
    root.parent.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second caller waits, and finds it unpacked
        chromium = _unpacked(root)
        if not _starts(chromium):  # there is none yet, or libraries that the machine had have been removed
            _unpack(root)
            chromium = _unpacked(root)
            if not _starts(chromium):
                raise SandboxError(NONE_TO_BE_HAD.format(why=f"what was unpacked into {root} does not start"))
    return chromium


def _unpacked(root: Path) -> Chromium:
    libraries = sorted({str(file.parent) for file in (root / "usr/lib").glob("*-linux-gnu*/**/*.so*")})
    variables = {"LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_FILE": str(root / "fonts.conf")}
    return Chromium(str(root / _BINARY), variables)


def _starts(chromium: Chromium) -> bool:
    if not Path(chromium.command).exists():
        return False
    command, environment = [chromium.command, "--no-sandbox", "--version"], {**os.environ, **chromium.environment}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def _unpack(root: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise SandboxError(NONE_TO_BE_HAD.format(why="none is on PATH, and this machine has no apt-get"))
    with (
        step("Fetching Debian's Chromium (once; 120 MB, some 20 seconds)"),
        tempfile.TemporaryDirectory(dir=root.parent, prefix="making-") as made,
    ):
        work = Path(made)
        target = work / "chromium"
        for folder in ("lists/partial", "packages", "chromium"):
            (work / folder).mkdir(parents=True)
        # Lists of our own: the machine's may be old or missing, and are not ours to renew.
        _apt(work, "update")
        # As though nothing were installed: then what comes out depends on the lists alone, not on the machine's state.
        listed = _apt(
            work,
            "install",
            "--print-uris",
            "--yes",
            "--no-install-recommends",
            *("--option", "Dir::State::status=/dev/null"),
            *PACKAGES,
        )
        needed = set(re.findall(r"^'[^']+' ([^_\s]+)_", listed, re.MULTILINE))
        # Its own parts lie beside it, wherever else they are installed.
        installed = {name for name in _installed() if not name.startswith("chromium")}
        _apt(work, "download", *sorted(needed - installed))
        for package in (work / "packages").glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(package), str(target)])
        (target / "fonts.conf").write_text(_FONTS.format(root=root), encoding="utf-8")
        shutil.rmtree(root, ignore_errors=True)
        target.rename(root)


def _installed() -> set[str]:
    said = _run(["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n"])
    return {line.partition(" ")[2] for line in said.splitlines() if line.startswith("installed ")}


def _apt(work: Path, *arguments: str) -> str:
    """Run apt-get with lists and caches in a folder; it needs no rights, and checks signatures as always."""
    options: dict[str, object] = {
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",
        "APT::Update::Post-Invoke": "",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    }
    given = [word for key, value in options.items() for word in ("--option", f"{key}={value}")]
    return _run(["apt-get", *given, *arguments], work / "packages")


def _run(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.split()[-30:])
        raise SandboxError(NONE_TO_BE_HAD.format(why=f"{command[0]} failed: {said}"))
    return done.stdout
