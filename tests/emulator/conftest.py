"""moto on loopback, and the emulated provider behind a real gRPC channel."""

from __future__ import annotations

import os
import urllib.request
from concurrent import futures
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import grpc
import pytest
from moto.server import ThreadedMotoServer
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox import account as rules
from sandbox.emulator.provider import Provider
from sandbox.moto_server import read_managed_policies_once
from tests.emulator.driver import Aws, Engine, Start
from tests.support.documents import furnish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CREDENTIALS = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@contextmanager
def _world(endpoint: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name in _CREDENTIALS:
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_REGION", "us-east-1")
        with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")):
            pass
        yield endpoint


@contextmanager
def _providers() -> Iterator[Start]:
    stops = []

    def one(**inputs: object) -> Engine:
        server = grpc.server(futures.ThreadPoolExecutor(8))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
        stops.append((server, channel))
        return Engine(provider_pb2_grpc.ResourceProviderStub(channel)).configure(**inputs)

    yield one
    for server, channel in stops:
        channel.close()
        server.stop(None).wait()


def _clients(endpoint: str) -> Aws:
    def client(service: str, region: str = "us-east-1") -> Any:
        make: Callable[..., Any] = boto3.client
        return make(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="others",
            aws_secret_access_key="others",
        )

    return client


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    rules.install()
    read_managed_policies_once()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def world(moto_endpoint: str) -> Iterator[str]:
    """An empty AWS, and the environment that leads to it."""
    with _world(moto_endpoint) as endpoint:
        yield endpoint


@pytest.fixture
def start(world: str) -> Iterator[Start]:
    with _providers() as one:
        yield one


@pytest.fixture
def engine(start: Start) -> Engine:
    started: Engine = start(region="us-east-1")
    return started


@pytest.fixture
def aws(world: str) -> Aws:
    return _clients(world)


@pytest.fixture(scope="module")
def furnished(moto_endpoint: str) -> Iterator[tuple[Engine, dict[str, str]]]:
    """One furnished account for cases that change nothing in it, and the texts that only it knows."""
    with _world(moto_endpoint) as endpoint, _providers() as one:
        yield one(region="us-east-1"), furnish(_clients(endpoint))
