"""The language host as a process: it announces its port, answers what it knows, and takes its children with it."""

from __future__ import annotations

import ipaddress
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2, json_format, message
from pulumi.runtime.proto import language_pb2, plugin_pb2

SHIM = "import sys, time\nprint(' '.join(sys.argv[1:]), flush=True)\ntime.sleep(60)\n"


class Host:
    """A running host, spoken to as the engine speaks."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")

    def call(self, method: str, request: message.Message, timeout: float | None = 60) -> bytes:
        return self.method(method)(request.SerializeToString(), timeout=timeout)

    def method(self, name: str) -> grpc.UnaryUnaryMultiCallable[bytes, bytes]:
        made: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(
            f"/pulumirpc.LanguageRuntime/{name}"
        )
        return made


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    (tmp_path / "pulumi-language-python-exec").write_text(SHIM)
    (tmp_path / "pulumi-language-python-exec").chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "sandbox.host", "127.0.0.1:1", "-root=ignored"],
        env={"PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    running = Host(process, int(process.stdout.readline()))
    yield running
    running.channel.close()
    process.terminate()
    process.wait(60)
    process.stdout.close()


def info(folder: Path, **options: str) -> language_pb2.ProgramInfo:
    made = language_pb2.ProgramInfo(root_directory=str(folder), program_directory=str(folder), entry_point=".")
    json_format.ParseDict(options, made.options)
    return made


def test_what_it_does_not_know_is_unimplemented(host: Host) -> None:
    for method in ("Pack", "GenerateProject", "SomethingNew"):
        with pytest.raises(grpc.RpcError) as caught:
            host.call(method, empty_pb2.Empty())
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_it_has_a_version_and_knows_its_python(host: Host, tmp_path: Path) -> None:
    plugin = plugin_pb2.PluginInfo.FromString(host.call("GetPluginInfo", empty_pb2.Empty()))
    assert plugin.version
    about = language_pb2.AboutResponse.FromString(host.call("About", language_pb2.AboutRequest(info=info(tmp_path))))
    assert about.version == ".".join(map(str, sys.version_info[:3]))


def test_a_program_whose_virtualenv_is_missing_is_an_error_with_the_way_out(host: Host, tmp_path: Path) -> None:
    request = language_pb2.RunRequest(info=info(tmp_path, virtualenv="nowhere"), pwd=str(tmp_path))
    with pytest.raises(grpc.RpcError) as caught:
        host.call("Run", request)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    reported = caught.value.details() or ""
    assert 'The virtualenv "nowhere" of the project does not exist' in reported
    assert "pulumi install" in reported


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_program_ends_with_its_host(ending: signal.Signals, host: Host, tmp_path: Path) -> None:
    request = language_pb2.RunRequest(info=info(tmp_path), pwd=str(tmp_path), project="shop", stack="test")
    running = host.method("Run").future(request.SerializeToString())
    assert host.process.stdout
    said = host.process.stdout.readline()
    assert "--project shop" in said
    assert "--engine 127.0.0.1:1" in said
    children = psutil.Process(host.process.pid).children(recursive=True)
    assert children
    host.process.send_signal(ending)
    assert host.process.wait(60) == 0
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
    running.cancel()


def test_it_listens_on_this_machine_only(host: Host) -> None:
    listening = [each for each in psutil.Process(host.process.pid).net_connections("tcp") if each.status == "LISTEN"]
    assert listening
    addresses = [ipaddress.ip_address(each.laddr.ip) for each in listening]
    assert all((getattr(address, "ipv4_mapped", None) or address).is_loopback for address in addresses)


def test_without_the_shim_that_runs_programs_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "sandbox.host"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "pulumi-language-python-exec is not on PATH" in done.stderr
