"""The real provider behind a real gRPC channel, as the engine has it, in front of the tests' moto."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import boto3
import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox import plugins
from sandbox.bridge import binary, catalog
from sandbox.bridge.binary import Binary
from sandbox.bridge.process import Process
from sandbox.bridge.provider import Provider
from sandbox.cloud import Cloud
from sandbox.safety import REGION
from tests.providers.driver import Engine, Start
from tests.support.documents import Aws


@pytest.fixture(scope="session")
def real() -> Binary:
    """The machine's binary."""
    found = binary.find()
    if found is None:
        pytest.skip("no terraform-provider-aws is on this machine")
    return found


@pytest.fixture(scope="session")
def environment(account: Cloud) -> Iterator[None]:
    """What leads a provider to moto, and to nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ENDPOINT_URL", account.endpoint)
        patch.setenv("AWS_REGION", REGION)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "sandbox")
        yield


@contextmanager
def serving(real: Binary) -> Iterator[Start]:
    stops: list[Callable[[], object]] = []

    def one(**inputs: object) -> Engine:
        process = Process(real)
        server = grpc.server(futures.ThreadPoolExecutor(8))
        provider = Provider(process, catalog.load(real), plugins.version())
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
        stops.extend([channel.close, lambda: server.stop(None).wait(), process.stop])
        return Engine(provider_pb2_grpc.ResourceProviderStub(channel)).configure(**inputs)

    yield one
    for stop in stops:
        stop()


@pytest.fixture
def start(real: Binary, environment: None) -> Iterator[Start]:
    with serving(real) as one:
        yield one


@pytest.fixture(scope="session")
def configured(real: Binary, environment: None) -> Iterator[Engine]:
    with serving(real) as one:
        yield one(region=REGION)


@pytest.fixture
def engine(configured: Engine, account: Cloud) -> Engine:
    """One provider for all tests that change nothing in it, in front of an empty account."""
    account.reset()
    return configured


@pytest.fixture
def aws(account: Cloud) -> Aws:
    def client(service: str, region: str = REGION) -> Any:
        make: Callable[..., Any] = boto3.client
        return make(
            service,
            endpoint_url=account.endpoint,
            region_name=region,
            aws_access_key_id="others",
            aws_secret_access_key="others",
        )

    return client
