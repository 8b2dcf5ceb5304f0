"""A Chromium for the tests that look at the report."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import SandboxError
from tests.support.chromium import Browser, browsing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with ExitStack() as stack:
        try:
            started = stack.enter_context(browsing())
        except SandboxError as error:
            pytest.skip(str(error))
        yield started
