"""Reads and changes a program's Node.js modules: plugins that they need, the SDK that runs it, linked SDKs."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_RUNNER: Final = "@pulumi/pulumi/cmd/run"
_MANIFEST: Final = "package.json"


def installed_plugins(program: Path) -> list[dict[str, Any]]:
    """Return name, version and server of each resource plugin that the installed modules need."""
    installed = program / "node_modules"
    manifests = chain(installed.glob(f"*/{_MANIFEST}"), installed.glob(f"@*/*/{_MANIFEST}"))
    found = [_read(manifest) for manifest in sorted(manifests)]
    return [
        {
            "name": about.get("name") or module["name"].removeprefix("@pulumi/"),
            "version": "v" + (about.get("version") or module["version"]).removeprefix("v"),
            "server": about.get("server") or "",
        }
        for module in found
        if (about := module.get("pulumi") or {}).get("resource")
    ]


def runner(program: str) -> str:
    """Return the SDK's script that runs a program; FileNotFoundError where the SDK is not installed."""
    command = ["node", "--print", f'require.resolve("{_RUNNER}")']
    found = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False)
    if found.returncode:
        raise FileNotFoundError(f"@pulumi/pulumi is not installed for {program}; install it with: pulumi install")
    return found.stdout.strip()


def link(program: Path, packages: Mapping[str, Path], *, typed: bool) -> str:
    """Write SDKs into the program's dependencies, and say how to import them; RuntimeError with npm's own words.

    `packages` are their folders below the program's, by the package's name.
    """
    names = {package: str(_read(program / folder / _MANIFEST)["name"]) for package, folder in packages.items()}
    wanted = [f"dependencies[{names[package]}]=file:{folder.as_posix()}" for package, folder in packages.items()]
    done = subprocess.run(["npm", "pkg", "set", *wanted], cwd=program, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"npm could not write {program / _MANIFEST}:\n{done.stderr.strip()}")
    form = '  import * as {} from "{}";' if typed else '  const {} = require("{}");'
    lines = [form.format(_camel(package), name) for package, name in names.items()]
    language = "TypeScript" if typed else "JavaScript"
    return "\n".join([f"You can import the SDK in your {language} code with:", "", *lines, ""])


def _read(manifest: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(manifest.read_text())
    return found


def _camel(name: str) -> str:
    return re.sub(r"[-_](\w)", lambda match: match[1].upper(), name)
