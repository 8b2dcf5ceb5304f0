"""The gRPC service: every call of the engine, translated to Terraform's protocol and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import empty_pb2
from typing_extensions import override

from sandbox.bridge import configuration
from sandbox.bridge.answers import answers, difference, failures, hidden, redact
from sandbox.bridge.autonaming import automatic_name
from sandbox.bridge.checks import refusals, region_is_ours
from sandbox.bridge.process import ProviderError
from sandbox.bridge.resource import Resource
from sandbox.bridge.terraform import ApplyError, State, Terraform
from sandbox.bridge.values import object_to_terraform, pack, to_pulumi
from sandbox.bridge.wire import Props, decode, encode, has_unknown
from sandbox.stubs import plugin_pb2, provider_pb2_grpc
from sandbox.stubs import provider_pb2 as pb

if TYPE_CHECKING:
    from grpc import ServicerContext as Context

    from sandbox.bridge.catalog import Catalog
    from sandbox.bridge.protocol import TerraformProvider

_TERRAFORM_VERSION: Final = "1.9.0"
"""Free text: it goes into the user agent."""


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
    def Handshake(self, request: pb.ProviderHandshakeRequest, context: Context) -> pb.ProviderHandshakeResponse:
        """Tell what this provider understands."""
        return pb.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Tell the version of the installed pulumi-aws, whose properties these are."""
        return plugin_pb2.PluginInfo(version=self._version)

    @override
    def GetSchema(self, request: pb.GetSchemaRequest, context: Context) -> pb.GetSchemaResponse:
        """Refuse: programs use the generated SDK."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "the sandbox's aws provider has no Pulumi schema")

    @override
    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Do nothing: all that the engine shows comes with the answers."""
        return empty_pb2.Empty()

    @override
    @answers
    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Ask the provider to give up what it is doing."""
        self._process.call("Stop")
        return empty_pb2.Empty()

    @override
    @answers
    def CheckConfig(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Refuse inputs that the provider does not have, and endpoints that are not this machine."""
        news, secrets = decode(request.news)
        found = configuration.failures(self._catalog.provider, news)
        return pb.CheckResponse(inputs=encode(news, secrets), failures=failures(found))

    @override
    @answers
    def DiffConfig(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Another region is another provider: what it made is replaced."""
        olds, news = decode(request.old_inputs or request.olds)[0], decode(request.news)[0]
        differing = {name for name in {*olds, *news} - {"version"} if olds.get(name) != news.get(name)}
        kinds = pb.DiffResponse
        return pb.DiffResponse(
            changes=kinds.DIFF_SOME if differing else kinds.DIFF_NONE,
            replaces=sorted(differing & {"region"}),
            diffs=sorted(differing),
        )

    @override
    @answers
    def Configure(self, request: pb.ConfigureRequest, context: Context) -> pb.ConfigureResponse:
        """Hand region, credentials and roles to the provider."""
        inputs = decode(request.args)[0]
        if not any(has_unknown(value) for value in inputs.values()):
            config = configuration.configuration(self._catalog.provider, inputs)
            prepared = self._process.call("PrepareProviderConfig", config=pack(config)).prepared_config
            self._process.call("Configure", terraform_version=_TERRAFORM_VERSION, config=prepared)
            self._region = config["region"]
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True)

    # Lookups.

    @override
    @answers
    def Invoke(self, request: pb.InvokeRequest, context: Context) -> pb.InvokeResponse:
        """Answer a lookup."""
        arguments, secrets = decode(request.args)
        kind = self._catalog.data_source(request.tok)
        found = list(refusals(kind, self._region, arguments))
        if found:
            return pb.InvokeResponse(failures=failures(found))
        try:
            values = self._terraform.look_up(kind, object_to_terraform(kind.shape, arguments))
        except ProviderError as error:
            raise ProviderError(f"invoking {request.tok}: {error}") from error
        answer: Props = to_pulumi(kind.shape, values)
        if region_is_ours(kind):
            answer["region"] = self._region
        response = pb.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer, answer if secrets else ()))
        return response

    # Resources.

    @override
    @answers
    def Check(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Fill in defaults and names; refuse what the type does not have."""
        (olds, _), (news, secrets) = decode(request.olds), decode(request.news)
        inputs, found = self._resource(request.urn).check(olds, news, partial(automatic_name, request=request))
        found = [(name, redact(reason, inputs, secrets)) for name, reason in found]
        return pb.CheckResponse(inputs=encode(inputs, secrets), failures=failures(found))

    @override
    @answers
    def Diff(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Tell how the last state differs from the inputs."""
        olds, (news, secrets) = decode(request.olds)[0], decode(request.news)
        with hidden(news, secrets):
            found, deletes_first = self._resource(request.urn).diff(request.id, olds, news)
        return difference(found, deletes_first=deletes_first)

    @override
    @answers
    def Create(self, request: pb.CreateRequest, context: Context) -> pb.CreateResponse:
        """Create, or say what creation would give."""
        props, secrets = decode(request.properties)
        with hidden(props, secrets):
            identity, outputs = self._apply(self._resource(request.urn), None, props, secrets, preview=request.preview)
        return pb.CreateResponse(id=identity, properties=outputs)

    @override
    @answers
    def Read(self, request: pb.ReadRequest, context: Context) -> pb.ReadResponse:
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
            return pb.ReadResponse()
        outputs = resource.outputs(state.values, state.private, request.id if known else "")
        return pb.ReadResponse(
            id=request.id if known else str(state.values["id"]),
            properties=encode(outputs, resource.secret(secret_state | secret_inputs)),
            inputs=encode(resource.inputs(outputs, inputs, known), secret_inputs),
        )

    @override
    @answers
    def Update(self, request: pb.UpdateRequest, context: Context) -> pb.UpdateResponse:
        """Update in place, or say what the update would give."""
        resource = self._resource(request.urn)
        (olds, old_secrets), (news, secrets) = decode(request.olds), decode(request.news)
        with hidden(news, secrets), hidden(olds, old_secrets):
            prior, secret = resource.prior(request.id, olds), secrets | (old_secrets - news.keys())
            outputs = self._apply(resource, prior, news, secret, preview=request.preview, identity=request.id)[1]
        return pb.UpdateResponse(properties=outputs)

    @override
    @answers
    def Delete(self, request: pb.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Delete."""
        resource = self._resource(request.urn)
        state, secrets = decode(request.properties)
        with hidden(state, secrets):
            self._terraform.delete(resource.kind, resource.prior(request.id, state))
        return empty_pb2.Empty()

    def _resource(self, urn: str) -> Resource:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        return Resource(self._terraform, self._catalog.resource(token), self._region)

    def _apply(
        self,
        resource: Resource,
        prior: State | None,
        inputs: Props,
        secrets: frozenset[str],
        *,
        preview: bool,
        identity: str = "",
    ) -> tuple[str, Any]:
        """Apply, or plan for a preview; return the id and the outputs. An ApplyError carries what to record."""
        config, secret = resource.config(inputs), resource.secret(secrets)
        if preview:
            planned = self._terraform.plan(resource.kind, prior, config).values
            return "", encode(resource.outputs(planned, identity=identity), secret)

        def recorded(state: State) -> tuple[str, Any]:
            return str(state.values["id"]), encode(resource.outputs(state.values, state.private, identity), secret)

        try:
            return recorded(self._terraform.apply(resource.kind, prior, config))
        except ApplyError as error:
            error.recorded = recorded(error.left) if error.left else None
            raise
