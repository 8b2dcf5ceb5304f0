"""Builds an engine from its Go modules, which are to be had where only package registries are reachable."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sandbox.engine.versions import MODULE, PULUMI, SDK, pulumi_version
from sandbox.errors import SandboxError
from sandbox.progress import Step, step

SDK_GENERATOR: Final = "personalize-sdkgen"
"""Writes SDKs of component packages for other languages; its source is beside this file."""
COMMANDS: Final = {
    "pulumi": f"{PULUMI}/cmd/pulumi",
    "pulumi-language-yaml": "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    SDK_GENERATOR: "./sdkgen",
}
EXEC_SHIM: Final = "pulumi-language-python-exec"
"""Runs a Python program; it comes with the SDK's module as a script."""


def build(into: Path) -> None:
    """Build every command into the folder, which must exist; SandboxError with Go's own words if it cannot."""
    with step(f"Building the Pulumi engine {pulumi_version()} from source (once; some 3 minutes)") as progress:
        for name, package in COMMANDS.items():
            _compile(package, into / name, progress)
        sdk = _go("list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK).strip()
        shutil.copy(Path(sdk) / "python/cmd" / EXEC_SHIM, into / EXEC_SHIM)
        (into / EXEC_SHIM).chmod(0o755)


def _compile(package: str, target: Path, progress: Step) -> None:
    version = f"-X {SDK}/go/common/version.Version=v{pulumi_version()}"
    command = ["go", "build", "-mod=readonly", "-v", "-o", str(target), "-ldflags", f"-s -w {version}", package]
    said: list[str] = []
    with subprocess.Popen(
        command, cwd=MODULE, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():
            said.append(line)
            progress.tell(f"{len(said)} packages of {target.name}")
    if process.returncode:
        raise SandboxError("The engine could not be built from source. Go says:\n" + "".join(said[-15:]))


def _go(*arguments: str) -> str:
    done = subprocess.run(
        ["go", *arguments], cwd=MODULE, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SandboxError(f"go {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "GOFLAGS": "-buildvcs=false", "GOWORK": "off"}
