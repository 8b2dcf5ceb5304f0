"""Anybody's own program on the sandbox: `python -m sandbox run FOLDER [pulumi arguments]`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox import seed
from sandbox.causes import causes
from sandbox.closing import closing_lines
from sandbox.engine.build import YAML_HOST
from sandbox.engine.resolve import command
from sandbox.errors import SandboxError
from sandbox.progress import say, step
from sandbox.workspace import PACK, SEEDED, open_project, running_account

_UP: Final = ("up", "--yes", "--skip-preview")
_JUDGED: Final = frozenset({"up", "update", "preview", "pre"})
"""Commands that a policy pack can check."""


def run(folder: Path, arguments: Sequence[str]) -> int:
    """Run a command of pulumi's on the program's own stack, by default `up`; return its exit code."""
    folder = folder.resolve()
    runtime = _runtime(folder)
    account = running_account()
    if not SEEDED.exists():
        with step("Making the people, buckets and keys that Pulumi.sandbox.yaml of this clone names"):
            seed.sow(account, SEEDED, seed.named())
    project = open_project(account, folder)
    if runtime == "yaml" and project.sandbox.engine.lacks_hosts:
        command(YAML_HOST)  # built where the user sees it: the engine would wait for it without a word
    asked = [*(arguments or _UP)]
    pack = ["--policy-pack", str(PACK)] if asked[0] in _JUDGED else []
    result = project.sandbox.run([*asked, *pack], folder, check=False, shown=True)
    if pack:
        for line in closing_lines(project.sandbox.engine, project.sandbox.plugin):
            say(line)
    if not result.ok and (why := causes(result)):
        say(f"pulumi {asked[0]} failed:\n{why}")
    return result.code


def _runtime(folder: Path) -> str:
    """Return the runtime of the program's project; SandboxError where there is no project."""
    for name in ("Pulumi.yaml", "Pulumi.yml"):
        if (folder / name).is_file():
            try:
                project: Any = yaml.safe_load((folder / name).read_text())
            except yaml.YAMLError as error:
                raise SandboxError(f"{folder / name} is not YAML: {error}") from None
            runtime = project.get("runtime", "") if isinstance(project, dict) else ""
            return str(runtime.get("name", "") if isinstance(runtime, dict) else runtime)
    raise SandboxError(f"{folder} has no Pulumi.yaml; write the folder of a Pulumi program")
