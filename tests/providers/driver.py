"""Drives an aws provider over gRPC as the engine does, whichever provider it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.bridge.wire import Props, decode, encode
from sandbox.stubs import status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

Start = Any
"""`start(region="eu-west-1")`: a provider instance configured so."""


class RefusedError(Exception):
    """What the engine gets when a call fails; `partial` is the state that it is to keep."""

    def __init__(self, message: str, code: grpc.StatusCode | None = None, partial: Props | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.partial = partial


@dataclass
class Made:
    """A resource as the engine has it in its state."""

    kind: str
    name: str
    identity: str
    inputs: Props
    outputs: Props
    secrets: frozenset[str] = field(default_factory=frozenset)


@dataclass
class Engine:
    """Speaks to one provider instance as the engine does: check, then diff, then the change."""

    stub: provider_pb2_grpc.ResourceProviderStub

    def configure(self, **inputs: object) -> Engine:
        request = provider_pb2.CheckRequest(urn="urn:pulumi:s::p::pulumi:providers:aws::x", news=encode(inputs))
        checked = call(self.stub.CheckConfig, request)
        if checked.failures:
            raise RefusedError("\n".join(failure.reason for failure in checked.failures))
        call(self.stub.Configure, provider_pb2.ConfigureRequest(args=checked.inputs, acceptSecrets=True))
        return self

    def check(
        self, kind: str, name: str, inputs: Props, olds: Props | None = None, secrets: Collection[str] = ()
    ) -> provider_pb2.CheckResponse:
        request = provider_pb2.CheckRequest(
            urn=urn(kind, name),
            news=encode(inputs, secrets),
            olds=encode(olds or {}),
            randomSeed=f"seed {name}".encode(),
        )
        response: provider_pb2.CheckResponse = call(self.stub.Check, request)
        return response

    def checked(
        self, kind: str, name: str, inputs: Props, olds: Props | None = None, secrets: Collection[str] = ()
    ) -> Props:
        response = self.check(kind, name, inputs, olds, secrets)
        if response.failures:
            raise RefusedError("\n".join(f"{item.property}: {item.reason}" for item in response.failures))
        return decode(response.inputs)[0]

    def create(self, kind: str, name: str, secrets: Collection[str] = (), /, **inputs: object) -> Made:
        props = self.checked(kind, name, inputs, secrets=secrets)
        request = provider_pb2.CreateRequest(urn=urn(kind, name), properties=encode(props, secrets))
        response = call(self.stub.Create, request)
        outputs, marked = decode(response.properties)
        return Made(kind, name, response.id, props, outputs, marked)

    def preview(self, kind: str, name: str, /, **inputs: object) -> Props:
        props = self.checked(kind, name, inputs)
        request = provider_pb2.CreateRequest(urn=urn(kind, name), properties=encode(props), preview=True)
        return decode(call(self.stub.Create, request).properties)[0]

    def diff(self, made: Made, /, **inputs: object) -> provider_pb2.DiffResponse:
        props = self.checked(made.kind, made.name, inputs, made.inputs)
        request = provider_pb2.DiffRequest(
            id=made.identity,
            urn=urn(made.kind, made.name),
            olds=encode(made.outputs),
            news=encode(props),
            old_inputs=encode(made.inputs),
        )
        response: provider_pb2.DiffResponse = call(self.stub.Diff, request)
        return response

    def changes(self, made: Made, /, **inputs: object) -> set[str]:
        """The properties that a diff names."""
        return set(self.diff(made, **inputs).diffs)

    def update(self, made: Made, /, *, preview: bool = False, **inputs: object) -> Made:
        props = self.checked(made.kind, made.name, inputs, made.inputs)
        request = provider_pb2.UpdateRequest(
            id=made.identity,
            urn=urn(made.kind, made.name),
            olds=encode(made.outputs),
            news=encode(props),
            old_inputs=encode(made.inputs),
            preview=preview,
        )
        outputs, marked = decode(call(self.stub.Update, request).properties)
        return Made(made.kind, made.name, made.identity, props, outputs, marked)

    def read(self, made: Made) -> Made | None:
        """Refresh: None when the resource is gone."""
        return self._read(made.kind, made.name, made.identity, made.outputs, made.inputs)

    def adopt(self, kind: str, identity: str, name: str = "adopted") -> Made | None:
        """Import by id: None when there is no such thing."""
        return self._read(kind, name, identity, {}, {})

    def _read(self, kind: str, name: str, identity: str, outputs: Props, inputs: Props) -> Made | None:
        request = provider_pb2.ReadRequest(
            id=identity, urn=urn(kind, name), properties=encode(outputs), inputs=encode(inputs)
        )
        response = call(self.stub.Read, request)
        if not response.id:
            return None
        return Made(kind, name, response.id, decode(response.inputs)[0], decode(response.properties)[0])

    def delete(self, made: Made) -> None:
        request = provider_pb2.DeleteRequest(
            id=made.identity,
            urn=urn(made.kind, made.name),
            properties=encode(made.outputs),
            old_inputs=encode(made.inputs),
        )
        call(self.stub.Delete, request)

    def invoke(self, token: str, /, **arguments: object) -> Props:
        response = call(self.stub.Invoke, provider_pb2.InvokeRequest(tok=token, args=encode(arguments)))
        if response.failures:
            raise RefusedError("\n".join(failure.reason for failure in response.failures))
        return decode(getattr(response, "return"))[0]


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:stack::project::personalize:index:Parent${kind}::{name}"


def call(method: Callable[[Any], Any], request: object) -> Any:
    try:
        return method(request)
    except grpc.RpcError as error:
        partial = None
        metadata: Any = error.trailing_metadata() or ()
        details = dict(metadata).get("grpc-status-details-bin")
        if details:
            failed = provider_pb2.ErrorResourceInitFailed()
            status_pb2.Status.FromString(details).details[0].Unpack(failed)
            partial = {"id": failed.id, **decode(failed.properties)[0]}
        raise RefusedError(str(error.details()), error.code(), partial) from None


def document(*statements: Props) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str = "personalize:*", resource: str = "*", **more: object) -> Props:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


TRUST = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "personalize.amazonaws.com"}})
IDENTITY = document(allow())
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ROLE_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/key:Key"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
