"""TypeScript: the generated SDK, the compiler, and programs through Node's Automation API."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import REPOSITORY, cache
from sandbox.session import Sandbox
from tests.languages.examples import EXAMPLES

SDK = "@pulumi/personalize-permissions"


def modules() -> Path:
    """What the example's `package.json` asks npm for, installed once for all clones; its folder."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed, and the TypeScript example needs it")
    asked = json.loads((EXAMPLES / "typescript/package.json").read_text())
    del asked["dependencies"][SDK]
    text = json.dumps(asked, sort_keys=True)
    folder = cache() / "node" / hashlib.sha256(text.encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            (folder / "package.json").write_text(text)
            run(["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
            (folder / "done").touch()
    return folder / "node_modules"


def project(sandbox: Sandbox) -> Path:
    """A TypeScript project of the sandbox, as `project_folder` makes it."""
    sandbox.environment["npm_config_prefer_offline"] = "true"  # npm asks for nothing that it has
    return project_folder(sandbox.root / "projects/typescript")


def project_folder(folder: Path) -> Path:
    """A TypeScript project that knows nothing of the package yet, with modules of its own to install more beside."""
    folder.mkdir(parents=True)
    installed = modules()
    shutil.copytree(installed, folder / "node_modules", symlinks=True)
    shutil.copy(installed.parent / "package.json", folder)
    shutil.copy(EXAMPLES / "typescript/tsconfig.json", folder)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: nodejs\n")
    return folder


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def build_sdk(sandbox: Sandbox) -> Path:
    """The generated SDK with what it and the example stand on: a folder of modules."""
    installed = modules()
    packages = sandbox.root / "node_modules"
    (packages / "@pulumi").mkdir(parents=True)
    for module in installed.iterdir():
        if module.name != "@pulumi":
            (packages / module.name).symlink_to(module)
    (packages / "@pulumi/pulumi").symlink_to(installed / "@pulumi/pulumi")
    command = ["package", "gen-sdk", str(REPOSITORY / "components"), "--language", "nodejs", "--local"]
    sandbox.run([*command, "--out", str(sandbox.root / "generated")], sandbox.root)
    sdk = packages / SDK
    shutil.copytree(sandbox.root / "generated/nodejs", sdk)
    run(["node", str(packages / ".bin/tsc"), "--types", "node"], sdk)
    shutil.copy(sdk / "package.json", sdk / "bin/package.json")
    return packages


def prepared(sandbox: Sandbox, packages: Path, program: str | None = None) -> Path:
    """A copy of the example, its modules in place; `program` in place of its `index.ts`."""
    folder = sandbox.root / "typescript"
    ignored = shutil.ignore_patterns("node_modules", "sdks", "bin")
    shutil.copytree(EXAMPLES / "typescript", folder, ignore=ignored)
    (folder / "node_modules").symlink_to(packages)
    if program is not None:
        (folder / "index.ts").write_text(program)
    return folder


def compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    compiler = folder / "node_modules/.bin/tsc"
    return subprocess.run(["node", str(compiler)], cwd=folder, capture_output=True, text=True, check=False)


def automated(sandbox: Sandbox, folder: Path, config: dict[str, Any], *commands: str) -> list[dict[str, Any]]:
    """What each command did: `changes` and `outputs`, or `error`."""
    script = folder / "automation.cjs"
    shutil.copy(Path(__file__).parent / "automation.cjs", script)
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, "--preserve-symlinks", str(script), str(REPOSITORY / "components"), json.dumps(config), *commands],
        cwd=folder,
        env=sandbox.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
