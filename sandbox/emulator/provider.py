"""The gRPC service: every call of the engine, translated to a resource type or a lookup and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2
from typing_extensions import override

from sandbox.emulator import configuration, lookups, registry, schema
from sandbox.emulator.errors import AwsError, ReportedError, from_boto
from sandbox.emulator.reports import Report, answers, with_tags
from sandbox.emulator.stubs import plugin_pb2, provider_pb2, provider_pb2_grpc
from sandbox.emulator.traits import Naming
from sandbox.emulator.wire import decode, encode, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.emulator.difference import Change
    from sandbox.emulator.resource import Resource
    from sandbox.emulator.session import Account
    from sandbox.emulator.wire import Props


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One instance of the `aws` provider; the engine starts one process for each provider resource."""

    def __init__(self) -> None:
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        """Where the configured provider works."""
        if self._account is None:
            raise AwsError("NotConfigured", "the provider is used before its region and account are known")
        return self._account

    # The provider itself.

    @override
    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """What this provider understands."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of the installed pulumi-aws, whose properties are emulated."""
        return plugin_pb2.PluginInfo(version=schema.version())

    @override
    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """No schema: programs use the generated SDK."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "the emulated aws provider has no schema")

    @override
    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Nothing to report to the engine: all that it shows comes with the answers."""
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Calls to moto are short: those under way end by themselves, and the engine ends the process."""
        return empty_pb2.Empty()

    @override
    @answers
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse provider inputs that pulumi-aws does not have, and endpoints that are not loopback."""
        news, secrets = decode(request.news)
        return _checked(news, secrets, configuration.failures(news))

    @override
    @answers
    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Another region or account is another provider: what it made is replaced."""
        olds, news = decode(request.old_inputs or request.olds)[0], decode(request.news)[0]
        differing = {name for name in {*olds, *news} - {"version"} if olds.get(name) != news.get(name)}
        replaces = sorted(differing & {"region"})
        kind = provider_pb2.DiffResponse.DIFF_SOME if differing else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind, replaces=replaces, diffs=sorted(differing))

    @override
    @answers
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Find region and account."""
        inputs = decode(request.args)[0]
        if not any(has_unknown(value) for value in inputs.values()):
            self._account = configuration.account(inputs)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    # Lookups.

    @override
    @answers
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer a lookup."""
        arguments, secrets = decode(request.args)
        found = lookups.failures(request.tok, arguments)
        if found:
            return provider_pb2.InvokeResponse(failures=_failures(found))
        try:
            answer = lookups.answer(self.account, request.tok, arguments)
        except (AwsError, BotoCoreError, ClientError) as error:
            refusal = error if isinstance(error, AwsError) else from_boto(error)
            message = refusal.message if refusal.code == "NotFound" else str(refusal)
            raise ReportedError(f"invoking {request.tok}: {message}") from error
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer, answer if secrets else ()))
        return response

    # Resources.

    @override
    @answers
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Fill in defaults and names; refuse what the type does not have."""
        kind = _kind(request.urn)
        (olds, _), (news, secrets) = decode(request.olds), decode(request.news)
        inputs, found = kind.check(olds, news, _naming(request))
        return _checked(inputs, secrets, found)

    @override
    @answers
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """How the last state differs from the inputs."""
        kind = _kind(request.urn)
        (olds, _), (news, _) = decode(request.olds), decode(request.news)
        changes = kind.diff(self.account, olds, news)
        return _difference(changes, deletes_first=kind.deletes_first(olds, news))

    @override
    @answers
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create, or say what creation would give."""
        kind = _kind(request.urn)
        props, secrets = decode(request.properties)
        if request.preview:
            outputs = kind.preview(self.account, props)
            return provider_pb2.CreateResponse(id="", properties=encode(outputs, with_tags(secrets)))
        called = _called(kind, props, request.urn, secrets)
        with Report(kind.doing("creating", called, _shown(props, secrets)), secrets):
            identity, state = kind.make(self.account, props)
        return provider_pb2.CreateResponse(id=identity, properties=encode(state, with_tags(secrets)))

    @override
    @answers
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Refresh a known resource, or import one by its id."""
        kind = _kind(request.urn)
        (known, secret_state), (inputs, secret_inputs) = decode(request.properties), decode(request.inputs)
        secrets = secret_state | secret_inputs
        with Report(kind.doing("reading", request.id, {}), secrets):
            state = kind.state(self.account, request.id, known)
        if state is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=encode(state, with_tags(secrets)),
            inputs=encode(kind.inputs_of(state, inputs), secrets),
        )

    @override
    @answers
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Update in place, or say what the update would give."""
        kind = _kind(request.urn)
        (olds, old_secrets), (news, secrets) = decode(request.olds), decode(request.news)
        marked = with_tags(secrets | (old_secrets - news.keys()))
        if request.preview:
            outputs = kind.preview_update(self.account, olds, news)
            return provider_pb2.UpdateResponse(properties=encode(outputs, marked))
        with Report(kind.doing("updating", request.id, _shown(news, secrets)), marked):
            state = kind.change(self.account, request.id, olds, news)
        return provider_pb2.UpdateResponse(properties=encode(state, marked))

    @override
    @answers
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete."""
        kind = _kind(request.urn)
        state, secrets = decode(request.properties)
        with Report(kind.doing("deleting", request.id, _shown(state, secrets)), secrets):
            kind.delete(self.account, request.id, state)
        return empty_pb2.Empty()


def _kind(urn: str) -> Resource:
    token = urn.split("::")[2].rsplit("$", 1)[-1]
    return registry.resource(token)


def _called(kind: Resource, props: Props, urn: str, secrets: frozenset[str]) -> str:
    name, shown = kind.traits.name, _shown(props, secrets)
    return str(shown[name.property]) if name and shown.get(name.property) else urn.rsplit("::", 1)[-1]


def _shown(props: Props, secrets: frozenset[str]) -> Props:
    """What may appear in a message."""
    return {name: value for name, value in props.items() if name not in secrets}


def _naming(request: provider_pb2.CheckRequest) -> Naming:
    logical = request.name or request.urn.rsplit("::", 1)[-1]
    if not request.HasField("autonaming"):
        return Naming(logical, request.randomSeed)
    options = request.autonaming
    disabled = options.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE
    return Naming(logical, request.randomSeed, options.proposed_name or None, disabled)


def _checked(inputs: Props, secrets: frozenset[str], found: Iterable[schema.Failure]) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(inputs=encode(inputs, secrets), failures=_failures(found))


def _failures(found: Iterable[schema.Failure]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in found]


def _difference(changes: list[Change], *, deletes_first: bool) -> provider_pb2.DiffResponse:
    kinds = provider_pb2.PropertyDiff.Kind
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        hasDetailedDiff=True,
    )
    for change in changes:
        kind = kinds.Value(f"{change.kind.upper()}_REPLACE" if change.replace else change.kind.upper())
        response.detailedDiff[change.path].kind = kind
    response.diffs.extend(sorted({change.property for change in changes}))
    response.replaces.extend(sorted({change.property for change in changes if change.replace}))
    response.deleteBeforeReplace = bool(response.replaces) and deletes_first
    return response
