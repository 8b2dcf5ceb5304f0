"""Terraform's plugin protocol, version 5: its messages by their field numbers, and its calls.

Only what the bridge reads or writes is declared; protobuf skips the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc


class TerraformProvider(Protocol):
    """What answers the protocol's calls: a process of the real provider, or the emulated one."""

    def call(self, name: str, **fields: Any) -> Any:  # noqa: ANN401 - messages are made at run time
        """Answer a call; ProviderError where it fails."""

    def stop(self) -> None:
        """End it."""


VERSION: Final = 5
"""The version of the protocol."""

Message = Any
"""A protobuf message: their classes are made at run time."""

_FIELD: Final = descriptor_pb2.FieldDescriptorProto
_SCALARS: Final = {
    "bytes": _FIELD.TYPE_BYTES,
    "string": _FIELD.TYPE_STRING,
    "int": _FIELD.TYPE_INT64,
    "enum": _FIELD.TYPE_INT64,
    "bool": _FIELD.TYPE_BOOL,
}
_MESSAGES: Final[Mapping[str, Mapping[str, tuple[int, str]]]] = {
    "Value": {"msgpack": (1, "bytes")},
    "RawState": {"json": (1, "bytes")},
    "Diagnostic": {
        "severity": (1, "enum"),
        "summary": (2, "string"),
        "detail": (3, "string"),
        "attribute": (4, "Path"),
    },
    "Path": {"steps": (1, "*Step")},
    "Step": {"attribute_name": (1, "string"), "element_key_string": (2, "string"), "element_key_int": (3, "int")},
    "Attribute": {
        "name": (1, "string"),
        "type": (2, "bytes"),
        "required": (4, "bool"),
        "optional": (5, "bool"),
        "computed": (6, "bool"),
        "sensitive": (7, "bool"),
        "deprecated": (9, "bool"),
    },
    "Block": {"attributes": (2, "*Attribute"), "block_types": (3, "*NestedBlock"), "deprecated": (6, "bool")},
    "NestedBlock": {
        "type_name": (1, "string"),
        "block": (2, "Block"),
        "nesting": (3, "enum"),
        "min_items": (4, "int"),
        "max_items": (5, "int"),
    },
    "Schema": {"version": (1, "int"), "block": (2, "Block")},
    "NamedSchema": {"key": (1, "string"), "value": (2, "Schema")},
    "GetSchema": {},
    "GetSchemaAnswer": {
        "provider": (1, "Schema"),
        "resources": (2, "*NamedSchema"),
        "data_sources": (3, "*NamedSchema"),
        "diagnostics": (4, "*Diagnostic"),
    },
    "PrepareProviderConfig": {"config": (1, "Value")},
    "PrepareProviderConfigAnswer": {"prepared_config": (1, "Value"), "diagnostics": (2, "*Diagnostic")},
    "Configure": {"terraform_version": (1, "string"), "config": (2, "Value")},
    "ConfigureAnswer": {"diagnostics": (1, "*Diagnostic")},
    "ValidateResourceTypeConfig": {"type_name": (1, "string"), "config": (2, "Value")},
    "ValidateResourceTypeConfigAnswer": {"diagnostics": (1, "*Diagnostic")},
    "ValidateDataSourceConfig": {"type_name": (1, "string"), "config": (2, "Value")},
    "ValidateDataSourceConfigAnswer": {"diagnostics": (1, "*Diagnostic")},
    "UpgradeResourceState": {"type_name": (1, "string"), "version": (2, "int"), "raw_state": (3, "RawState")},
    "UpgradeResourceStateAnswer": {"upgraded_state": (1, "Value"), "diagnostics": (2, "*Diagnostic")},
    "PlanResourceChange": {
        "type_name": (1, "string"),
        "prior_state": (2, "Value"),
        "proposed_new_state": (3, "Value"),
        "config": (4, "Value"),
        "prior_private": (5, "bytes"),
    },
    "PlanResourceChangeAnswer": {
        "planned_state": (1, "Value"),
        "requires_replace": (2, "*Path"),
        "planned_private": (3, "bytes"),
        "diagnostics": (4, "*Diagnostic"),
    },
    "ApplyResourceChange": {
        "type_name": (1, "string"),
        "prior_state": (2, "Value"),
        "planned_state": (3, "Value"),
        "config": (4, "Value"),
        "planned_private": (5, "bytes"),
    },
    "ApplyResourceChangeAnswer": {
        "new_state": (1, "Value"),
        "private": (2, "bytes"),
        "diagnostics": (3, "*Diagnostic"),
    },
    "ReadResource": {"type_name": (1, "string"), "current_state": (2, "Value"), "private": (3, "bytes")},
    "ReadResourceAnswer": {"new_state": (1, "Value"), "diagnostics": (2, "*Diagnostic"), "private": (3, "bytes")},
    "ImportedResource": {"type_name": (1, "string"), "state": (2, "Value"), "private": (3, "bytes")},
    "ImportResourceState": {"type_name": (1, "string"), "id": (2, "string")},
    "ImportResourceStateAnswer": {"imported_resources": (1, "*ImportedResource"), "diagnostics": (2, "*Diagnostic")},
    "ReadDataSource": {"type_name": (1, "string"), "config": (2, "Value")},
    "ReadDataSourceAnswer": {"state": (1, "Value"), "diagnostics": (2, "*Diagnostic")},
    "Stop": {},
    "StopAnswer": {"error": (1, "string")},
}
"""Messages, their fields' numbers and types; `*` is a repeated field. A call's answer is named after it."""


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="bridge.proto", package="bridge", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            element = kind.removeprefix("*")
            declared = message.field.add(name=field, number=number)
            declared.label = _FIELD.LABEL_REPEATED if kind.startswith("*") else _FIELD.LABEL_OPTIONAL
            declared.type = _SCALARS.get(element, _FIELD.TYPE_MESSAGE)
            if element not in _SCALARS:
                declared.type_name = f".bridge.{element}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"bridge.{name}")) for name in _MESSAGES}


MESSAGES: Final = _classes()
"""Message classes by name."""


def method(channel: grpc.Channel, name: str) -> Any:  # noqa: ANN401 - a call of a message class made at run time
    """Return the call of that name: it takes the request message, and returns the answer."""
    return channel.unary_unary(
        f"/tfplugin5.Provider/{name}",
        request_serializer=MESSAGES[name].SerializeToString,
        response_deserializer=MESSAGES[f"{name}Answer"].FromString,
    )
