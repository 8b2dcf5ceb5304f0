"""Fixtures for pytest: `pytest_plugins = ["personalize_permissions.testing.fixtures"]` in the top conftest.py.

`permissions_mocks` answers the lookups; override it in a conftest.py for another account or a team's own mocks.
`run_program` runs a program under them.
"""

from collections.abc import Callable, Mapping

import pytest

from personalize_permissions.testing._mocks import PermissionsMocks
from personalize_permissions.testing._recorded import Recorded
from personalize_permissions.testing._runner import Program, run

RunProgram = Callable[..., Recorded]


@pytest.fixture
def permissions_mocks() -> PermissionsMocks:
    """Mocks of account 123456789012 in us-east-1, new for each test."""
    return PermissionsMocks()


@pytest.fixture
def run_program(permissions_mocks: PermissionsMocks) -> RunProgram:
    """`run` with `permissions_mocks`: `run_program(program, project=..., stack=..., config=...)`."""

    def run_it(
        program: Program,
        *,
        project: str = "project",
        stack: str = "stack",
        config: Mapping[str, str] | None = None,
    ) -> Recorded:
        return run(program, permissions_mocks, project=project, stack=stack, config=config)

    return run_it
