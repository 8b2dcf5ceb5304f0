"""Each provider that the sandbox can serve, behind a real gRPC channel as the engine has it, in front of moto."""

from __future__ import annotations

import os
from concurrent import futures
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import boto3
import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox import plugins
from sandbox.bridge import binary, catalog
from sandbox.bridge.catalog import Catalog
from sandbox.bridge.process import Process
from sandbox.bridge.provider import Provider
from sandbox.emulator import rules
from sandbox.emulator.provider import Provider as Emulated
from sandbox.safety import REGION
from tests.providers.driver import Engine, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.cloud import Cloud
    from tests.support.documents import Aws

Make = Any
"""Makes a provider that nobody has configured yet, and what it knows: `(process, catalog)`."""


@pytest.fixture(scope="session", params=["emulated", "terraform"])
def provider(request: pytest.FixtureRequest) -> str:
    """The name of the provider that a test runs against; each test runs against each."""
    name: str = request.param
    if name == "terraform" and binary.find() is None:
        pytest.skip("no terraform-provider-aws is on this machine")
    return name


@pytest.fixture(scope="session")
def make(provider: str) -> Make:
    if provider == "emulated":
        return lambda: (Emulated(), Catalog(rules.schema()))
    found = binary.find()
    assert found is not None
    return lambda: (Process(found), catalog.load(found))


@pytest.fixture(scope="session")
def environment(account: Cloud) -> Iterator[None]:
    """What leads a provider to moto, and to nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ENDPOINT_URL", account.endpoint)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "sandbox")
        yield


def starting(make: Make, stack: ExitStack) -> Start:
    def one(**inputs: object) -> Engine:
        process, known = make()
        stack.callback(process.stop)
        server = grpc.server(futures.ThreadPoolExecutor(8))
        stack.callback(lambda: server.stop(None).wait())
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(process, known, plugins.version()), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
        stack.callback(channel.close)
        return Engine(provider_pb2_grpc.ResourceProviderStub(channel)).configure(**inputs)

    return one


@pytest.fixture
def start(make: Make, environment: None, account: Cloud) -> Iterator[Start]:
    account.reset()
    with ExitStack() as stack:
        yield starting(make, stack)


@pytest.fixture(scope="session")
def configured(make: Make, environment: None) -> Iterator[Engine]:
    with ExitStack() as stack:
        yield starting(make, stack)(region=REGION)


@pytest.fixture
def engine(configured: Engine, account: Cloud) -> Engine:
    """One provider for all tests that change nothing in it, in front of an empty account."""
    account.reset()
    return configured


@pytest.fixture(scope="session")
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
