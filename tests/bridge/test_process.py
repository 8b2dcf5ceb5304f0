"""The bridge as a process: what it prints, and that its provider never outlives it or the engine."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox import plugins
from sandbox.bridge.binary import Binary
from sandbox.paths import REPOSITORY
from tests.providers.driver import ROLE, TRUST, Engine, RefusedError

COMMAND = [sys.executable, "-P", "-m", "sandbox.bridge"]


class Serving:
    """A running bridge."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.port = int(process.stdout.readline())
        self.provider = next(
            each for each in psutil.Process(process.pid).children(recursive=True) if "terraform" in each.name()
        )


def bridge(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )


@pytest.fixture
def serving(real: Binary, environment: None) -> Iterator[Serving]:
    process = bridge(str(real.path), "127.0.0.1:1")
    yield Serving(process)
    process.kill()
    process.communicate()


def gone(process: psutil.Process) -> bool:
    """Whether it ends within half a minute."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_prints_its_port_and_nothing_else_and_ends_on_sigterm(serving: Serving) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{serving.port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == plugins.version()
    serving.process.send_signal(signal.SIGTERM)
    output, errors = serving.process.communicate(timeout=60)
    assert (output, errors, serving.process.returncode) == ("", "", 0)
    assert gone(serving.provider)


def test_killed_alone_it_leaves_no_provider(serving: Serving) -> None:
    serving.process.kill()
    assert gone(serving.provider)


def test_ends_with_a_killed_engine(real: Binary, environment: None) -> None:
    script = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([*{COMMAND!r}, {str(real.path)!r}], stdout=subprocess.PIPE, text=True)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    engine = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert engine.stdout is not None
    child = psutil.Process(int(engine.stdout.readline()))
    provider = child.children(recursive=True)[0]
    engine.kill()
    engine.communicate()
    assert gone(child)
    assert gone(provider)


def test_a_provider_that_is_killed_is_reported_by_name(serving: Serving) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{serving.port}") as channel:
        engine = Engine(provider_pb2_grpc.ResourceProviderStub(channel)).configure(region="us-east-1")
        serving.provider.kill()
        for _ in range(2):
            with pytest.raises(RefusedError) as refused:
                engine.create(ROLE, "r", assumeRolePolicy=TRUST)
            assert "terraform-provider-aws 5" in str(refused.value)
            assert "was killed (SIGKILL) at" in str(refused.value)
            assert "run the command again" in str(refused.value)


@pytest.mark.parametrize("endpoint", [None, "https://iam.amazonaws.com", "http://10.0.0.1:5000"])
def test_refuses_to_start_where_aws_could_be_reached(
    endpoint: str | None, real: Binary, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    process = bridge(str(real.path))
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert "only talks to moto on this machine" in errors
    assert "Traceback" not in errors


def test_refuses_a_binary_in_one_line(environment: None, tmp_path: Path) -> None:
    process = bridge(str(tmp_path / "none"))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.strip().count("\n") == 0
    assert "is not there" in errors


def test_loads_neither_the_sdk_nor_pulumi_aws() -> None:
    code = "import sys, sandbox.bridge.__main__; print(*(name for name in sys.modules if name.startswith('pulumi')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    loaded = set(found.stdout.split())
    assert all(name.startswith("pulumi.runtime.proto.") for name in loaded)
