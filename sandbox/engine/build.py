"""Builds the engine's commands from Go modules, which can be had where only package registries are reachable."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sandbox.engine.versions import COMPILER_FLAGS, MODULE, PULUMI, SDK, pulumi_version
from sandbox.errors import SandboxError
from sandbox.progress import Step, step

ENGINE: Final = "pulumi"
SDK_GENERATOR: Final = "personalize-sdkgen"
"""Writes SDKs of component packages for other languages; its source is beside this file."""
YAML_HOST: Final = "pulumi-language-yaml"
ON_DEMAND: Final = (YAML_HOST, SDK_GENERATOR)
"""Commands that are built when something first runs them: `make up` does without."""
EXEC_SHIM: Final = "pulumi-language-python-exec"
"""Runs a Python program; it comes with the SDK's module as a script."""

_PACKAGES: Final = {
    ENGINE: f"{PULUMI}/cmd/pulumi",
    YAML_HOST: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    SDK_GENERATOR: "./sdkgen",
}


def build_engine(into: Path) -> None:
    """Build `pulumi` and copy the exec shim into the folder, which must exist; SandboxError with Go's words."""
    build_command(ENGINE, into)
    sdk = _go("list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK).strip()
    shutil.copy(Path(sdk) / "python/cmd" / EXEC_SHIM, into / EXEC_SHIM)
    (into / EXEC_SHIM).chmod(0o755)


def build_command(name: str, into: Path) -> None:
    """Build one command into the folder, which must exist; SandboxError with Go's own words if it cannot."""
    title = f"Building {name} {pulumi_version()} from source (once; some minutes)"
    with step(title) as running:
        _compile(_PACKAGES[name], into / name, running)


def _compile(package: str, target: Path, running: Step) -> None:
    version = f"-X {SDK}/go/common/version.Version=v{pulumi_version()}"
    command = ["go", "build", "-mod=readonly", "-v", "-o", str(target), "-ldflags", f"-s -w {version}", *COMPILER_FLAGS]
    output: list[str] = []
    with subprocess.Popen(
        [*command, package],
        cwd=MODULE,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr or ():
            output.append(line)
            running.report(f"{len(output)} packages")
    if process.returncode:
        raise SandboxError(f"{target.name} could not be built from source. Go says:\n" + "".join(output[-15:]))


def _go(*arguments: str) -> str:
    done = subprocess.run(
        ["go", *arguments], cwd=MODULE, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SandboxError(f"go {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Return Go's environment; without cgo no C compiler is needed or waited for."""
    return {**os.environ, "GOFLAGS": "-buildvcs=false", "GOWORK": "off", "CGO_ENABLED": "0"}
