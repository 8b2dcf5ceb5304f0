"""Builds the engine's commands from Go modules, which can be had where only package registries are reachable."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from sandbox.engine.trim import trim
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
    sdk = _folder_of(SDK)
    shutil.copy(sdk / "python/cmd" / EXEC_SHIM, into / EXEC_SHIM)
    (into / EXEC_SHIM).chmod(0o755)


def build_command(name: str, into: Path) -> None:
    """Build one command into the folder, which must exist; SandboxError with Go's own words if it cannot."""
    title = f"Building {name} {pulumi_version()} from source (once; some minutes)"
    with step(title) as running, tempfile.TemporaryDirectory() as scratch:
        _compile(_PACKAGES[name], into / name, _trimmed(Path(scratch)), running)


def _trimmed(scratch: Path) -> Path:
    """Return a go.mod that builds what is left of the engine's source."""
    trim(_folder_of(PULUMI), scratch / "pulumi")
    shutil.copy(MODULE / "go.sum", scratch / "go.sum")
    target = scratch / "go.mod"
    target.write_text(f"{(MODULE / 'go.mod').read_text()}\nreplace {PULUMI} => {scratch / 'pulumi'}\n")
    return target


def _compile(package: str, target: Path, module: Path, running: Step) -> None:
    version = f"-X {SDK}/go/common/version.Version=v{pulumi_version()}"
    # Without the folders' names in what is built, a second build finds in Go's cache what the first compiled.
    settings = ["-mod=readonly", f"-modfile={module}", "-trimpath", "-ldflags", f"-s -w {version}", *COMPILER_FLAGS]
    command = ["go", "build", "-v", "-o", str(target), *settings]
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


def _folder_of(module: str) -> Path:
    """Return the folder of a module's source, downloaded if need be."""
    command = ["go", "mod", "download", "-json", module]
    done = subprocess.run(command, cwd=MODULE, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SandboxError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return Path(json.loads(done.stdout)["Dir"])


def _environment() -> dict[str, str]:
    """Return Go's environment; without cgo no C compiler is needed or waited for."""
    return {**os.environ, "GOFLAGS": "-buildvcs=false", "GOWORK": "off", "CGO_ENABLED": "0"}
