"""moto on loopback, and the emulated provider behind a real gRPC channel, driven as the engine drives it."""

import json
from concurrent import futures
from dataclasses import dataclass, field

import boto3
import grpc
import pulumi  # noqa: F401 - first, so that the stubs come from the whole SDK in this process
import pytest
from moto.server import ThreadedMotoServer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from sandbox.emulator.provider import Provider
from sandbox.emulator.wire import decode, encode

ACCOUNT = "123456789012"


@dataclass
class Refused(Exception):
    """A gRPC error, with what the engine would show and keep."""

    message: str
    code: object = None
    partial: object = None


@dataclass
class Made:
    """A resource as the engine would have it in its state."""

    kind: str
    name: str
    identity: str
    inputs: dict
    outputs: dict
    secrets: frozenset = frozenset()


@dataclass
class Engine:
    """Speaks to one provider instance as the engine does: check, then diff, then the change."""

    stub: provider_pb2_grpc.ResourceProviderStub
    seeds: int = field(default=0)

    def configure(self, **inputs):
        news = encode(inputs)
        checked = self.stub.CheckConfig(
            provider_pb2.CheckRequest(urn="urn:pulumi:s::p::pulumi:providers:aws::x", news=news)
        )
        if checked.failures:
            raise Refused("\n".join(failure.reason for failure in checked.failures))
        call(self.stub.Configure, provider_pb2.ConfigureRequest(args=checked.inputs, acceptSecrets=True))
        return self

    def check(self, kind, name, inputs, olds=None, secrets=(), seed=b"seed"):
        request = provider_pb2.CheckRequest(
            urn=urn(kind, name), news=encode(inputs, secrets), olds=encode(olds or {}), randomSeed=seed
        )
        return call(self.stub.Check, request)

    def checked(self, kind, name, inputs, olds=None, secrets=()):
        response = self.check(kind, name, inputs, olds, secrets)
        if response.failures:
            raise Refused("\n".join(f"{item.property}: {item.reason}" for item in response.failures))
        return decode(response.inputs)[0]

    def create(self, kind, name="thing", secrets=(), **inputs):
        props = self.checked(kind, name, inputs, secrets=secrets)
        request = provider_pb2.CreateRequest(urn=urn(kind, name), properties=encode(props, secrets))
        response = call(self.stub.Create, request)
        outputs, marked = decode(response.properties)
        return Made(kind, name, response.id, props, outputs, marked)

    def preview_create(self, kind, name="thing", **inputs):
        props = self.checked(kind, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(kind, name), properties=encode(props), preview=True)
        return decode(call(self.stub.Create, request).properties)[0]

    def diff(self, made, **inputs):
        props = self.checked(made.kind, made.name, inputs, made.inputs)
        request = provider_pb2.DiffRequest(
            id=made.identity,
            urn=urn(made.kind, made.name),
            olds=encode(made.outputs),
            news=encode(props),
            old_inputs=encode(made.inputs),
        )
        return call(self.stub.Diff, request)

    def update(self, made, *, preview=False, **inputs):
        props = self.checked(made.kind, made.name, inputs, made.inputs)
        request = provider_pb2.UpdateRequest(
            id=made.identity,
            urn=urn(made.kind, made.name),
            olds=encode(made.outputs),
            news=encode(props),
            old_inputs=encode(made.inputs),
            preview=preview,
        )
        outputs = decode(call(self.stub.Update, request).properties)[0]
        return Made(made.kind, made.name, made.identity, props, outputs)

    def read(self, made):
        """Refresh: None when the resource is gone."""
        return self._read(made.kind, made.name, made.identity, made.outputs, made.inputs)

    def adopt(self, kind, identity, name="thing"):
        """Import by id: None when there is no such thing."""
        return self._read(kind, name, identity, {}, {})

    def _read(self, kind, name, identity, outputs, inputs):
        request = provider_pb2.ReadRequest(
            id=identity, urn=urn(kind, name), properties=encode(outputs), inputs=encode(inputs)
        )
        response = call(self.stub.Read, request)
        if not response.id:
            return None
        return Made(kind, name, response.id, decode(response.inputs)[0], decode(response.properties)[0])

    def delete(self, made):
        request = provider_pb2.DeleteRequest(
            id=made.identity,
            urn=urn(made.kind, made.name),
            properties=encode(made.outputs),
            old_inputs=encode(made.inputs),
        )
        call(self.stub.Delete, request)

    def invoke(self, token, **arguments):
        response = call(self.stub.Invoke, provider_pb2.InvokeRequest(tok=token, args=encode(arguments)))
        if response.failures:
            raise Refused("\n".join(failure.reason for failure in response.failures))
        return decode(getattr(response, "return"))[0]


def urn(kind, name):
    return f"urn:pulumi:stack::project::personalize:index:Parent${kind}::{name}"


def call(method, request):
    try:
        return method(request)
    except grpc.RpcError as error:
        partial = None
        details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
        if details:
            from google.rpc import status_pb2

            partial = provider_pb2.ErrorResourceInitFailed()
            status_pb2.Status.FromString(details).details[0].Unpack(partial)
        raise Refused(error.details(), error.code(), partial) from None


@pytest.fixture(scope="session")
def moto_endpoint():
    import os

    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def world(moto_endpoint, monkeypatch):
    """An empty AWS: the endpoint, as environment variables say it to the provider."""
    import urllib.request

    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    reset = urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(reset):
        pass
    return moto_endpoint


@pytest.fixture
def start(world):
    """Start providers, each as its own instance: `start(region="eu-west-1")` is one configured so."""
    stops = []

    def one(**inputs):
        server = grpc.server(futures.ThreadPoolExecutor(8))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        stops.append((server, channel))
        return Engine(provider_pb2_grpc.ResourceProviderStub(channel)).configure(**inputs)

    yield one
    for server, channel in stops:
        channel.close()
        server.stop(None).wait()


@pytest.fixture
def engine(start):
    return start(region="us-east-1")


@pytest.fixture
def aws(world):
    """boto3 clients of moto, for what others do to the account and to see what is there."""

    def client(service, region="us-east-1"):
        return boto3.client(
            service,
            endpoint_url=world,
            region_name=region,
            aws_access_key_id="others",
            aws_secret_access_key="others",
        )

    return client


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action="personalize:*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


TRUST = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "personalize.amazonaws.com"}})
IDENTITY = document(allow())
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
