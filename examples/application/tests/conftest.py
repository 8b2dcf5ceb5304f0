"""Load the testing kit's fixtures, and run the application's program with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalize_permissions.testing import Recorded

pytest_plugins = ["personalize_permissions.testing.fixtures"]
PROGRAM = Path(__file__).parents[1]


@pytest.fixture
def shop(run_program: Callable[..., Recorded]) -> Recorded:
    return run_program(PROGRAM, project="recommendations", stack="test", config={"analysts": '["alice", "bob"]'})
