"""What tests share: one engine, one moto, a clean account for each test, and a Chromium to look at pages with."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import hypothesis
import pytest

from sandbox import cloud as moto
from sandbox import plugins
from sandbox.engine import Engine, resolve
from sandbox.errors import SandboxError
from sandbox.session import Sandbox
from tests.support.attached import Attached, attachable
from tests.support.chromium import Browser, browsing
from tests.support.inline import InlineSandbox, MakeSandbox
from tests.support.summary import pytest_terminal_summary  # noqa: F401 - a hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.cloud import Cloud


hypothesis.settings.register_profile("default", max_examples=100, deadline=None, print_blob=True)
hypothesis.settings.register_profile("brief", max_examples=10, deadline=None, print_blob=True)
hypothesis.settings.register_profile("fuzz", max_examples=5000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("default")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return resolve()


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = moto.start(tmp_path_factory.mktemp("moto"), detached=False)
    yield cloud
    cloud.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with ExitStack() as stack:
        try:
            started = stack.enter_context(browsing())
        except SandboxError as error:
            pytest.skip(str(error))
        yield started


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulated provider, for programs of what moto has no service for: it makes those itself."""
    monkeypatch.setenv(plugins.CHOICE, "emulated")


@pytest.fixture(scope="session")
def attached(
    engine: Engine, account: Cloud, pulumi_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attached | None]:
    """The provider of the tests' account, running."""
    with attachable(Sandbox(tmp_path_factory.mktemp("attached"), engine, account, home=pulumi_home)) as attached:
        yield attached


@pytest.fixture(scope="session")
def make_sandbox(engine: Engine, account: Cloud, pulumi_home: Path, attached: Attached | None) -> MakeSandbox:
    return lambda folder: InlineSandbox(folder, engine, account, home=pulumi_home, attached=attached)


@pytest.fixture
def sandbox(make_sandbox: MakeSandbox, account: Cloud, tmp_path: Path) -> Sandbox:
    account.reset()
    return make_sandbox(tmp_path)
