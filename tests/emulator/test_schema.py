"""What is known of pulumi-aws is read by many threads at once: the engine asks about many resources at the same time."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.emulator import schema

TOKENS = ["aws:iam/policy:Policy", "aws:iam/role:Role", "aws:iam/user:User", "aws:kms/keyPolicy:KeyPolicy"]


@pytest.fixture
def restless_threads() -> Iterator[None]:
    """Threads take turns wherever Python lets them: while it collects garbage."""

    def give_way(_phase: str, _info: dict[str, int]) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.set_threshold(50)
    gc.callbacks.append(give_way)
    yield
    gc.callbacks.remove(give_way)
    gc.set_threshold(*before)


@pytest.mark.usefixtures("restless_threads")
def test_types_are_read_by_many_threads() -> None:
    with ThreadPoolExecutor(len(TOKENS)) as pool:
        read = list(pool.map(schema.resource.__wrapped__, TOKENS))
    assert all(described.inputs for described in read)
