"""An account behind a proxy that can fail, and a sandbox whose plugin meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cloud import Cloud
from sandbox.engine import Engine
from sandbox.session import Sandbox
from tests.faults.counting import count
from tests.faults.injection import FaultyCloud
from tests.support.inline import InlineSandbox


@pytest.fixture
def faulty(account: Cloud) -> Iterator[FaultyCloud]:
    account.reset()
    with FaultyCloud.before(account) as faulty:
        yield faulty
    assert faulty.errors == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """The test's own report tells what it survived: it is written before the fixtures end."""
    try:
        return (yield)
    finally:
        fixtures = getattr(item, "funcargs", {})
        if "stormy" in fixtures:
            count(item, fixtures["faulty"])


@pytest.fixture
def stormy(engine: Engine, faulty: FaultyCloud, pulumi_home: Path, tmp_path: Path) -> Sandbox:
    return InlineSandbox(tmp_path, engine, faulty.cloud, home=pulumi_home)
