"""Runs a program under mocks, with an event loop and settings of its own."""

import asyncio
import contextlib
import contextvars
import functools
import runpy
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime.settings import SETTINGS, _shutdown_callbacks, get_root_resource
from pulumi.runtime.stack import wait_for_rpcs

from personalize_permissions.testing._mocks import PermissionsMocks
from personalize_permissions.testing._monitor import Monitor
from personalize_permissions.testing._recorded import Recorded

Program = Callable[[], object] | Path
_ORGANIZATION: Final = "organization"
"""As the engine has it for every backend without organizations."""
_ONE_AT_A_TIME: Final = threading.Lock()
"""The SDK ends the hooks of every program of a process with those of one; modules and the working folder are shared."""
_RUNNING: Final = contextvars.ContextVar("running", default=False)
"""Whether a program under test calls `run`: what it runs is part of its own turn."""


def run(
    program: Program,
    mocks: PermissionsMocks | None = None,
    *,
    project: str = "project",
    stack: str = "stack",
    config: Mapping[str, str] | None = None,
    preview: bool = False,
) -> Recorded:
    """Run a program to its end under mocks; return what it registered, exported and returned, all outputs resolved.

    `program` is a function, or the path of an entry point (`Path("app/__main__.py")`, or its folder), which runs in its
    own folder as it does on the engine. `config` is the stack's configuration; a key without a colon is the project's.
    `preview` runs it as `pulumi preview` does: with the preview's warnings, and None for an output that is unknown.
    An error of the program or of an output is raised as it is.

    Every run is one of its own, in a thread of its own: it works under pytest-asyncio too, and leaves nothing behind.
    Runs that several threads ask for follow one another.
    """
    mocks = mocks or PermissionsMocks()
    values = {key if ":" in key else f"{project}:{key}": value for key, value in (config or {}).items()}

    def configure() -> None:
        monitor = Monitor(mocks)
        pulumi.runtime.set_mocks(mocks, project, stack, preview, monitor=monitor, organization=_ORGANIZATION)
        pulumi.runtime.set_all_config(values)

    turn = contextlib.nullcontext() if _RUNNING.get() else _ONE_AT_A_TIME
    with turn, contextlib.ExitStack() as folder, ThreadPoolExecutor(1, "program") as thread:
        if isinstance(program, Path):
            entry_point = program.resolve()  # now that no other program's folder is the working folder
            folder.enter_context(contextlib.chdir(_folder(entry_point)))
            program = functools.partial(_run_entry_point, entry_point)
        mocks.start_anew()
        # An empty context: the root stack and the settings of a run before are not this one's.
        result, exports = thread.submit(contextvars.Context().run, _run, program, configure).result()
        return Recorded(mocks, exports, result)


def _folder(program: Path) -> Path:
    return program if program.is_dir() else program.parent


def _run(program: Callable[[], object], configure: Callable[[], None]) -> tuple[Any, dict[str, Any]]:
    """Configure the SDK and run the program in this thread, with event loops of its own; return result and exports."""
    _RUNNING.set(True)
    loop = asyncio.new_event_loop()
    # After an error the SDK leaves futures behind that nobody asks for the error which they hold.
    loop.set_exception_handler(lambda _loop, _context: None)
    loops: list[asyncio.AbstractEventLoop] = [loop]

    def prepare_worker() -> None:
        # The mock monitor makes a loop in each thread that answers it, and never closes it.
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="answer", initializer=prepare_worker))
    asyncio.set_event_loop(loop)
    try:
        configure()
        SETTINGS.rpc_manager.clear()
        SETTINGS.outputs.clear()
        return loop.run_until_complete(_finished(program))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        for each in loops:
            each.close()


async def _finished(program: Callable[[], object]) -> tuple[Any, dict[str, Any]]:
    """Wait until the program has registered everything; return its result and exports."""
    try:
        result: Any = await pulumi.Output.from_input(program()).future()
        await wait_for_rpcs()
        exported: Any = getattr(get_root_resource(), "outputs", {})
        exports = {name: await pulumi.Output.from_input(value).future() for name, value in exported.items()}
    finally:
        # Transforms and hooks are served by a task that never ends by itself.
        await _shutdown_callbacks()  # type: ignore[no-untyped-call] # the SDK does not type it
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()  # what the program leaves running ends with it, as its process does on the engine
        await asyncio.gather(*others, return_exceptions=True)
    return result, exports


def _run_entry_point(path: Path) -> None:
    """Run an entry point with its folder on the path."""
    folder = _folder(path)
    loaded = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.path.remove(str(folder))
        # A module of the program that stayed loaded would register nothing in the next run.
        for name in set(sys.modules) - loaded:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).resolve().is_relative_to(folder):
                del sys.modules[name]
