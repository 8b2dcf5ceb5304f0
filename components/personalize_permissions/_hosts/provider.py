"""The component provider: what the Pulumi engine runs for programs in languages other than Python.

It works round what the SDK's own host gets wrong (items of a list of enums arrive empty, whole numbers as fractions,
secret objects as missing ones, input errors with a traceback): arguments reach the components as they were written,
with the names translated, and the components judge them as they do for a program in Python.
"""

import asyncio
import importlib.metadata
import inspect
import json
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import grpc
import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from personalize_permissions._components.access import PersonalizeAccess
from personalize_permissions._components.bucket_access import PersonalizeBucketAccess
from personalize_permissions._components.key_access import PersonalizeKeyAccess
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._components.service_role import PersonalizeServiceRole
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import InvalidArgumentsError, Spelling, spelled
from personalize_permissions._validation.validators import Record

PACKAGE: Final = "personalize-permissions"

COMPONENTS: Final[Mapping[type[pulumi.ComponentResource], Record]] = MappingProxyType(
    {
        PersonalizePermissions: argument_schemas.PERMISSIONS,
        PersonalizeAccess: argument_schemas.ACCESS,
        PersonalizeServiceRole: argument_schemas.SERVICE_ROLE,
        PersonalizeBucketAccess: argument_schemas.BUCKET_ACCESS,
        PersonalizeKeyAccess: argument_schemas.KEY_ACCESS,
    }
)
_METADATA: Final[Mapping[str, object]] = MappingProxyType(
    {
        "displayName": "Personalize Permissions",
        "description": 'Everything of AWS\'s "Setting up permissions" for Amazon Personalize.',
        "keywords": ["aws", "iam", "personalize", "category/cloud", "kind/component"],
        "license": "Apache-2.0",
    }
)


class PersonalizeProvider(ComponentProvider):
    """Constructs the components from what programs in other languages write."""

    def __init__(self) -> None:
        super().__init__(list(COMPONENTS), PACKAGE, version=importlib.metadata.version(PACKAGE))
        self.schema = json.dumps({**_readable(json.loads(self.schema or "{}")), **_METADATA})

    def construct(
        self, name: str, resource_type: str, inputs: pulumi.Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Make one component."""
        self.validate_resource_type(PACKAGE, resource_type)
        named = resource_type.rsplit(":", maxsplit=1)[-1]
        component, record = next((kind, record) for kind, record in COMPONENTS.items() if kind.__name__ == named)
        with spelled(Spelling.SCHEMA):
            made = component(name, python_names(record, inputs), options)  # type: ignore[arg-type] # a component of ours
        return ConstructResult(made.urn, self.get_state(made, self._component_defs[named]))


def _readable(schema: Any, *, described: bool = False) -> Any:  # noqa: ANN401 - any part of a schema
    """The schema with its descriptions as text without indentation, in the names that the schema itself has.

    Members of enums are named `FullAccess`, from which each generator makes its language's form: of `FULL_ACCESS`, that
    of Python makes `FUL_L_ACCESS`.

    `described`: what holds this part has a description, which the SDK repeats on every item; it is left out there.
    """
    if isinstance(schema, list):
        return [_readable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    readable: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "description" and isinstance(value, str):
            if not described:
                readable[key] = Spelling.SCHEMA.prose(inspect.cleandoc(value))
        elif key == "enum":
            readable[key] = [{**_readable(member), "name": _pascal(member["name"])} for member in value]
        else:
            readable[key] = _readable(value, described=key in _ITEMS and isinstance(schema.get("description"), str))
    return readable


def _pascal(constant: str) -> str:
    return "".join(word.capitalize() for word in constant.split("_"))


_ITEMS: Final = frozenset({"items", "additionalProperties"})


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
