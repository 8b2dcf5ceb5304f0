"""The emulated provider as a process of its own, as the engine starts it."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import subprocess
import sys
import time

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.paths import REPOSITORY


def serve(**environment: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | environment
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.emulator", "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        cwd=REPOSITORY,
    )


def test_prints_its_port_and_nothing_else_and_ends_on_sigterm() -> None:
    process = serve(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        info = stub.GetPluginInfo(empty_pb2.Empty(), timeout=60)
        assert info.version == importlib.metadata.version("pulumi-aws")
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert (output, errors, process.returncode) == ("", "", 0)


@pytest.mark.parametrize("environment", [{}, {"AWS_ENDPOINT_URL": "https://iam.amazonaws.com"}])
def test_refuses_to_start_where_aws_could_be_reached(environment: dict[str, str]) -> None:
    output, errors = (process := serve(**environment)).communicate(timeout=60)
    assert (output, process.returncode) == ("", 1)
    assert "only talks to moto on this machine" in errors
    assert "Traceback" not in errors


def test_ends_when_its_parent_is_killed() -> None:
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'sandbox.emulator'], stdout=subprocess.PIPE, text=True)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    env = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    command = [sys.executable, "-c", script]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=REPOSITORY)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 60
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the provider outlived its engine"
        time.sleep(0.1)


def test_loads_neither_the_sdk_nor_pulumi_aws() -> None:
    code = "import sys, sandbox.emulator.__main__; print(*(name for name in sys.modules if name.startswith('pulumi')))"
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    loaded = set(found.stdout.split())
    assert all(name.startswith("pulumi.runtime.proto.") for name in loaded)
    assert "pulumi.runtime.proto.provider_pb2" in loaded
