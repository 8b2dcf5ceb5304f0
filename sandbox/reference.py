"""The reference stack on this machine: `make up` and `make down`."""

from __future__ import annotations

import os

from rich.console import Console

from sandbox import cloud as moto
from sandbox import seed
from sandbox.causes import causes
from sandbox.closing import closing_lines
from sandbox.errors import SandboxError
from sandbox.granted import grants
from sandbox.paths import REPOSITORY, STATE
from sandbox.picture import picture
from sandbox.progress import say, step
from sandbox.show import table
from sandbox.workspace import PACK, PICTURE, SEEDED, forget, open_project, programs, running_account

_LOG_WIDTH = 140
"""A log has no edge to wrap at."""


def up() -> None:
    """Provision the reference stack with the policy pack enforced, and show what was granted."""
    account = running_account()
    with step("Making the people, buckets and keys that the configuration names"):
        seed.sow(account, SEEDED, seed.named())
    project = open_project(account, REPOSITORY)
    command = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--policy-pack", str(PACK)]
    with step("pulumi up of the reference stack"):
        result = project.sandbox.run(command, REPOSITORY, check=False, shown=True)
    if not result.ok:
        raise SandboxError(f"The reference stack could not be provisioned:\n{causes(result)}")
    if not result.changes:
        say("No changes: the account is as the stack says.")
    found = grants(project.sandbox.cloud, project.resources())
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    console.print(table(found))
    PICTURE.write_text(picture(found, "What the permission set grants"))
    say(f"The same as a picture: {os.path.relpath(PICTURE)}")
    for line in closing_lines(project.sandbox.engine, project.sandbox.plugin):
        say(line)


def down() -> None:
    """Destroy the stacks, remove what was made for them, see that nothing is left, and end the account."""
    account = moto.recorded(STATE)
    left: list[str] = []
    if account:
        for folder in [*programs(), REPOSITORY]:
            project = open_project(account, folder)
            if folder == REPOSITORY or project.resources():
                project.sandbox.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"], folder, shown=True)
        left = seed.reap(account, SEEDED)
        account.stop()
    forget()
    if left:
        raise SandboxError(f"moto still held {', '.join(left)}: the stack did not remove what it made")
    say("Nothing is left." if account else "There was nothing to remove.")
