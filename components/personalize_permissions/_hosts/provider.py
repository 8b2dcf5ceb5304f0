"""The component provider: what the Pulumi engine runs for programs in languages other than Python.

It avoids faults of the SDK's own host (items of a list of enums arrive empty, whole numbers as floats, secret objects
as missing ones, input errors with a traceback): arguments reach the components as they were written, with the names
translated, and the components validate them as they do for a program in Python.
"""

import asyncio
import importlib.metadata
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

import grpc
import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

import personalize_permissions as components
from personalize_permissions._components.component_base import Component, schema_of
from personalize_permissions._hosts.schema import described
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import InvalidArgumentsError, Spelling, spelled

PACKAGE: Final = "personalize-permissions"

COMPONENTS: Final[Sequence[type[Component]]] = (
    components.PersonalizePermissions,
    components.PersonalizeAccess,
    components.PersonalizeServiceRole,
    components.PersonalizeBucketAccess,
    components.PersonalizeKeyAccess,
    components.PersonalizeApplicationAccess,
    components.PersonalizeReaderAccess,
    components.PersonalizeDataScientistAccess,
)


class PersonalizeProvider(ComponentProvider):
    """Constructs the components from what programs in other languages write."""

    def __init__(self) -> None:
        super().__init__(list(COMPONENTS), PACKAGE, version=importlib.metadata.version(PACKAGE))
        self.schema = json.dumps(described(json.loads(self.schema or "{}")))

    def construct(
        self, name: str, resource_type: str, inputs: pulumi.Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Make one component."""
        self.validate_resource_type(PACKAGE, resource_type)
        named = resource_type.rsplit(":", maxsplit=1)[-1]
        [component] = (kind for kind in COMPONENTS if kind.__name__ == named)
        with spelled(Spelling.SCHEMA):
            made = component(name, python_names(schema_of(component), inputs), options)  # type: ignore[arg-type] # a component's own constructor
        return ConstructResult(made.urn, self.get_state(made, self._component_defs[named]))


class _Servicer(ProviderServicer):
    """Reports mistakes in inputs as such, whenever they show: the SDK's own prints a traceback for late ones.

    They are all in the message. The engine would show the value of each property that is named apart from it, and
    that of a secret in clear.
    """

    async def _construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> provider_pb2.ConstructResponse:
        try:
            return await super()._construct(request, context)
        except (InvalidArgumentsError, pulumi.RunError) as error:
            raise InputPropertiesError(str(error), []) from None


def serve() -> None:
    """Serve the components until the engine, whose address is the first argument, ends the process."""

    async def run() -> None:
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MOST_BYTES)])
        servicer = _Servicer(PersonalizeProvider(), sys.argv[1:], engine_address=sys.argv[1])
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await server.wait_for_termination()

    asyncio.run(run())


_MOST_BYTES: Final = 400 * 1024 * 1024
"""As the engine's own channels: its messages can be large."""
