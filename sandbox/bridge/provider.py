"""The gRPC service: every call of the engine, translated to Terraform's protocol and back."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from typing_extensions import override

from sandbox.bridge import configuration
from sandbox.bridge.checks import Failure, refusals, region_is_ours
from sandbox.bridge.names import UnknownTypeError
from sandbox.bridge.naming import automatic_name
from sandbox.bridge.process import ProviderError
from sandbox.bridge.redaction import hidden, redact
from sandbox.bridge.resource import Resource
from sandbox.bridge.terraform import ApplyError, Terraform
from sandbox.bridge.values import MismatchError, object_to_terraform, pack, to_pulumi
from sandbox.bridge.wire import decode, encode, has_unknown
from sandbox.stubs import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.bridge.catalog import Catalog
    from sandbox.bridge.plans import Change
    from sandbox.bridge.protocol import TerraformProvider
    from sandbox.bridge.terraform import State, Values
    from sandbox.bridge.wire import Props

_Call = TypeVar("_Call", bound="Callable[..., Any]")
_STATUS_DETAILS: Final = "grpc-status-details-bin"
_TERRAFORM_VERSION: Final = "1.9.0"
"""Free text: it goes into the user agent."""


def answers(call: _Call) -> _Call:
    """Turn refusals into what the engine shows: one message, and the partial state where there is one."""

    @wraps(call)
    def wrapped(self: object, request: object, context: grpc.ServicerContext) -> object:
        try:
            return call(self, request, context)
        except ApplyError as error:
            _abort(context, error)
        except (ProviderError, UnknownTypeError, MismatchError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return wrapped  # type: ignore[return-value] # the wrapper takes and gives exactly what the method does


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One instance of the `aws` provider, with a process of terraform-provider-aws behind it."""

    def __init__(self, process: TerraformProvider, catalog: Catalog, version: str) -> None:
        self._process = process
        self._terraform = Terraform(process)
        self._catalog = catalog
        self._version = version
        self._region = ""

    # The provider itself.

    @override
    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Tell what this provider understands."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Tell the version of the installed pulumi-aws, whose properties these are."""
        return plugin_pb2.PluginInfo(version=self._version)

    @override
    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Refuse: programs use the generated SDK."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "the sandbox's aws provider has no Pulumi schema")

    @override
    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Do nothing: all that the engine shows comes with the answers."""
        return empty_pb2.Empty()

    @override
    @answers
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Ask the provider to give up what it is doing."""
        self._process.call("Stop")
        return empty_pb2.Empty()

    @override
    @answers
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse inputs that the provider does not have, and endpoints that are not this machine."""
        news, secrets = decode(request.news)
        return _checked(news, secrets, configuration.failures(self._catalog.provider, news))

    @override
    @answers
    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Replace what a provider made when its region changes."""
        olds, news = decode(request.old_inputs or request.olds)[0], decode(request.news)[0]
        differing = {name for name in {*olds, *news} - {"version"} if olds.get(name) != news.get(name)}
        kinds = provider_pb2.DiffResponse
        return provider_pb2.DiffResponse(
            changes=kinds.DIFF_SOME if differing else kinds.DIFF_NONE,
            replaces=sorted(differing & {"region"}),
            diffs=sorted(differing),
        )

    @override
    @answers
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Hand region, credentials and roles to the provider."""
        inputs = decode(request.args)[0]
        if not any(has_unknown(value) for value in inputs.values()):
            config = configuration.configuration(self._catalog.provider, inputs)
            prepared = self._process.call("PrepareProviderConfig", config=pack(config)).prepared_config
            self._process.call("Configure", terraform_version=_TERRAFORM_VERSION, config=prepared)
            self._region = config["region"]
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    # Lookups.

    @override
    @answers
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer a lookup."""
        arguments, secrets = decode(request.args)
        kind = self._catalog.data_source(request.tok)
        found = list(refusals(kind, self._region, arguments))
        if found:
            return provider_pb2.InvokeResponse(failures=_failures(found))
        try:
            values = self._terraform.look_up(kind, object_to_terraform(kind.shape, arguments))
        except ProviderError as error:
            raise ProviderError(f"invoking {request.tok}: {error}") from error
        answer: Props = to_pulumi(kind.shape, values)
        if region_is_ours(kind):
            answer["region"] = self._region
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer, answer if secrets else ()))
        return response

    # Resources.

    @override
    @answers
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Fill in defaults and names; refuse what the type does not have."""
        (olds, _), (news, secrets) = decode(request.olds), decode(request.news)
        inputs, found = self._resource(request.urn).check(olds, news, partial(automatic_name, request=request))
        return _checked(inputs, secrets, [(name, redact(reason, inputs, secrets)) for name, reason in found])

    @override
    @answers
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Tell how the last state differs from the inputs."""
        olds, (news, secrets) = decode(request.olds)[0], decode(request.news)
        with hidden(news, secrets):
            found, deletes_first = self._resource(request.urn).diff(request.id, olds, news)
        return _difference(found, deletes_first=deletes_first)

    @override
    @answers
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create, or say what creation would give."""
        resource = self._resource(request.urn)
        props, secrets = decode(request.properties)
        secret, config = resource.secret(secrets), resource.config(props)
        with hidden(props, secrets):
            if request.preview:
                planned = self._terraform.plan(resource.kind, None, config).values
                return provider_pb2.CreateResponse(id="", properties=encode(resource.outputs(planned), secret))
            identity, outputs = self._applied(resource, None, config, secret)
        return provider_pb2.CreateResponse(id=identity, properties=outputs)

    @override
    @answers
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Refresh a known resource, or import one by its id."""
        resource = self._resource(request.urn)
        (known, secret_state), (inputs, secret_inputs) = decode(request.properties), decode(request.inputs)
        with hidden(known, secret_state):
            state = (
                self._terraform.read(resource.kind, resource.prior(request.id, known))
                if known
                else self._terraform.adopt(resource.kind, request.id)
            )
        if state is None:
            return provider_pb2.ReadResponse()
        outputs = resource.outputs(state.values, state.private, request.id if known else "")
        return provider_pb2.ReadResponse(
            id=request.id if known else str(state.values["id"]),
            properties=encode(outputs, resource.secret(secret_state | secret_inputs)),
            inputs=encode(resource.inputs(outputs, inputs, known), secret_inputs),
        )

    @override
    @answers
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Update in place, or say what the update would give."""
        resource = self._resource(request.urn)
        (olds, old_secrets), (news, secrets) = decode(request.olds), decode(request.news)
        secret = resource.secret(secrets | (old_secrets - news.keys()))
        prior, config = resource.prior(request.id, olds), resource.config(news)
        with hidden(news, secrets), hidden(olds, old_secrets):
            if request.preview:
                planned = self._terraform.plan(resource.kind, prior, config).values
                outputs = encode(resource.outputs(planned, identity=request.id), secret)
            else:
                _, outputs = self._applied(resource, prior, config, secret, request.id)
        return provider_pb2.UpdateResponse(properties=outputs)

    @override
    @answers
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete."""
        resource = self._resource(request.urn)
        state, secrets = decode(request.properties)
        with hidden(state, secrets):
            self._terraform.delete(resource.kind, resource.prior(request.id, state))
        return empty_pb2.Empty()

    def _resource(self, urn: str) -> Resource:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        return Resource(self._terraform, self._catalog.resource(token), self._region)

    def _applied(
        self, resource: Resource, prior: State | None, config: Values, secret: frozenset[str], identity: str = ""
    ) -> tuple[str, Any]:
        """Apply, and return the id and the outputs; an ApplyError carries what to record of what is left."""
        try:
            state = self._terraform.apply(resource.kind, prior, config)
        except ApplyError as error:
            if error.left:
                outputs = resource.outputs(error.left.values, error.left.private, identity)
                error.recorded = (str(error.left.values["id"]), encode(outputs, secret))
            raise
        return str(state.values["id"]), encode(resource.outputs(state.values, state.private, identity), secret)


def _abort(context: grpc.ServicerContext, error: ApplyError) -> NoReturn:
    """Fail, with the state of what is left where something is."""
    reason = str(error)
    if error.recorded:
        identity, properties = error.recorded
        detail = any_pb2.Any()
        detail.Pack(provider_pb2.ErrorResourceInitFailed(id=identity, properties=properties, reasons=[reason]))
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
        context.set_trailing_metadata(((_STATUS_DETAILS, status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)


def _checked(inputs: Props, secrets: frozenset[str], found: Iterable[Failure]) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(inputs=encode(inputs, secrets), failures=_failures(found))


def _failures(found: Iterable[Failure]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in found]


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
