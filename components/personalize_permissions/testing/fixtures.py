"""Fixtures for pytest: `pytest_plugins = ["personalize_permissions.testing.fixtures"]` in the top conftest.py.

`permissions_mocks` answers the lookups; override it in a conftest.py for another account or a team's own mocks.
`run_program` runs a program under them.
"""

import functools
from collections.abc import Callable

import pytest

from personalize_permissions.testing._mocks import PermissionsMocks
from personalize_permissions.testing._recorded import Recorded
from personalize_permissions.testing._runner import run

RunProgram = Callable[..., Recorded]


@pytest.fixture
def permissions_mocks() -> PermissionsMocks:
    """Return mocks of account 123456789012 in us-east-1, new for each test."""
    return PermissionsMocks()


@pytest.fixture
def run_program(permissions_mocks: PermissionsMocks) -> RunProgram:
    """Return `run` with `permissions_mocks`: `run_program(program, config=..., preview=...)`."""
    return functools.partial(run, mocks=permissions_mocks)
