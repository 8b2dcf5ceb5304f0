"""What the sandbox of one clone keeps between commands: the running account, the engine's home, states of stacks."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox import cloud as moto
from sandbox.engine import resolve
from sandbox.errors import SandboxError
from sandbox.paths import REPOSITORY, STATE
from sandbox.progress import say, step
from sandbox.recovery import recover, repair_backend
from sandbox.session import Project, Sandbox

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

STACK: Final = "sandbox"
PACK: Final = REPOSITORY / "policy_pack"
SEEDED: Final = STATE / "seeded.json"
PICTURE: Final = STATE / "granted.svg"
_PROGRAMS: Final = STATE / "programs"
_FOLDER: Final = "folder"
"""File beside a program's state with the folder of the program."""


@contextmanager
def alone() -> Iterator[None]:
    """Let one command at a time work in one clone."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError("Another sandbox command is running in this clone; wait for it to end.") from None
        yield


def running_account() -> Cloud:
    """Return the account that an earlier command left running, or start an empty one."""
    account = moto.recorded(STATE)
    if account is None:
        if (STATE / "state").exists():
            say("The emulated account of the last run is gone; starting over with an empty one.")
        forget()
        with step("Starting the emulated account (moto)"):
            account = moto.start(STATE, detached=True)
    return account


def open_project(account: Cloud, folder: Path) -> Project:
    """Return the stack of a program, recovered if its last run was killed."""
    own = _PROGRAMS / f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    sandbox = Sandbox(STATE if folder == REPOSITORY else own, resolve(), account, home=STATE / "home")
    if folder != REPOSITORY:
        (own / _FOLDER).write_text(str(folder))
    repair_backend(sandbox.backend)
    project = sandbox.project(folder, STACK)
    recover(project)
    return project


def programs() -> list[Path]:
    """Return the folders of the programs that were run and are still there."""
    folders = (Path(file.read_text()) for file in sorted(_PROGRAMS.glob(f"*/{_FOLDER}")))
    return [folder for folder in folders if folder.is_dir()]


def forget() -> None:
    """Forget the states of stacks in an account that is no more."""
    for folder in (STATE / "state", _PROGRAMS):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (SEEDED, PICTURE):
        file.unlink(missing_ok=True)
    moto.forget(STATE)
