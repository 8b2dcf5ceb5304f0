"""Runs child processes of the host: their output is streamed, and they end with the host."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_READ_BYTES: Final = 65536


def start(command: Sequence[str], cwd: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child without running Python code in it first: gRPC's threads do not survive a fork."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def follow(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """Give a child's output as it comes: pairs of `stdout` or `stderr` and bytes, until both are closed."""
    said: queue.Queue[tuple[str, bytes] | None] = queue.Queue()

    def read(name: str, stream: IO[bytes] | None) -> None:
        while stream and (chunk := os.read(stream.fileno(), _READ_BYTES)):
            said.put((name, chunk))
        said.put(None)

    for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
        threading.Thread(target=read, args=(name, stream), daemon=True).start()
    open_streams = 2
    while open_streams:
        if (item := said.get()) is None:
            open_streams -= 1
        else:
            yield item


def stop(process: subprocess.Popen[bytes], grace: float = 3.0) -> None:
    """Terminate a child, and kill it after the grace period of some seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
