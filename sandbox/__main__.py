"""`python -m sandbox up | down`: the reference stack on this machine, policy pack enforced."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox import cloud as moto
from sandbox import seed
from sandbox.engine import resolve
from sandbox.errors import SandboxError
from sandbox.granted import grants
from sandbox.healing import heal, mend
from sandbox.paths import REPOSITORY, STATE
from sandbox.picture import picture
from sandbox.progress import console, step
from sandbox.session import Project, Sandbox
from sandbox.show import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.cloud import Cloud

STACK: Final = "sandbox"
PACK: Final = REPOSITORY / "policy_pack"
_INTERRUPTED: Final = 128 + signal.SIGINT
_PICTURE: Final = STATE / "granted.svg"


def up() -> None:
    """Provision the reference stack with the policy pack enforced, and show what was granted."""
    with _alone():
        project = _opened()
        with step("Seeding the account with the people, buckets and the key that the stack names"):
            seed.sow(project.sandbox.cloud)
        heal(project)
        result = project.sandbox.run(
            ["up", "--yes", "--skip-preview", "--stack", STACK, "--policy-pack", str(PACK)], REPOSITORY, shown=True
        )
        if not result.changes:
            console.print("No changes: the account is as the stack says.")
        found = grants(project.sandbox.cloud, project.resources())
        console.print(table(found))
        _PICTURE.write_text(picture(found, "What the permission set grants"))
        console.print(f"The same as a picture: {os.path.relpath(_PICTURE)}")


def down() -> None:
    """Destroy the stack, remove the seed, see that nothing is left, and end moto."""
    with _alone():
        cloud = moto.recorded(STATE)
        left: list[str] = []
        if cloud:
            project = _project(cloud)
            heal(project)
            project.sandbox.run(["destroy", "--yes", "--skip-preview", "--stack", STACK], REPOSITORY, shown=True)
            left = seed.reap(cloud)
            cloud.stop()
        _forget()
    if left:
        raise SandboxError(f"moto still held {', '.join(left)}: the stack did not remove what it made")
    console.print("Nothing is left." if cloud else "There was nothing to remove.")


def _opened() -> Project:
    cloud = moto.recorded(STATE)
    if cloud is None:
        if (STATE / "state").exists():
            console.print("The emulated account of the last run is gone; starting over with an empty one.")
        _forget()
        with step("Starting the emulated account (moto)"):
            cloud = moto.start(STATE, detached=True)
    return _project(cloud)


def _project(cloud: Cloud) -> Project:
    sandbox = Sandbox(STATE, resolve(), cloud)
    console.print(f"Engine: {sandbox.pulumi.parent}. AWS provider: {sandbox.plugin.label}. Account: {cloud.endpoint}.")
    mend(sandbox.backend)
    return sandbox.project(REPOSITORY, STACK)


def _forget() -> None:
    """Forget the state of an account that is no more."""
    shutil.rmtree(STATE / "state", ignore_errors=True)
    moto.forget(STATE)
    _PICTURE.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    """One command at a time in one clone."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError("Another sandbox command is running in this clone; wait for it to end.") from None
        yield


def main() -> int:
    """Run one command; 1 with one message when it cannot, 130 when it was interrupted."""
    arguments = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    arguments.add_argument("command", choices=["up", "down"])
    try:
        {"up": up, "down": down}[arguments.parse_args().command]()
    except SandboxError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; run it again to go on.")
        return _INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
