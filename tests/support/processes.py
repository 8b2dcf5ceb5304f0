"""A sandbox that runs every program in a process of its own, for tests of hosts and languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.cloud import Cloud
from sandbox.engine import Engine
from sandbox.session import Sandbox


@pytest.fixture
def sandbox(engine: Engine, account: Cloud, pulumi_home: Path, tmp_path: Path) -> Sandbox:
    account.reset()
    return Sandbox(tmp_path, engine, account, home=pulumi_home)
