"""Terraform's plugin protocol, version 5: its messages by their field numbers, and its calls.

Only what the bridge reads or writes is declared; protobuf skips the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if TYPE_CHECKING:
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
    "bool": _FIELD.TYPE_BOOL,
}
_MESSAGES: Final = """
Value: bytes msgpack = 1
RawState: bytes json = 1
Diagnostic: int severity = 1; string summary = 2; string detail = 3; Path attribute = 4
Path: repeated Step steps = 1
Step: string attribute_name = 1; string element_key_string = 2; int element_key_int = 3
Attribute: string name = 1; bytes type = 2; bool required = 4; bool optional = 5; bool computed = 6;
    bool sensitive = 7; bool deprecated = 9
Block: repeated Attribute attributes = 2; repeated NestedBlock block_types = 3; bool deprecated = 6
NestedBlock: string type_name = 1; Block block = 2; int nesting = 3; int min_items = 4; int max_items = 5
Schema: int version = 1; Block block = 2
NamedSchema: string key = 1; Schema value = 2
GetSchema:
GetSchemaAnswer: Schema provider = 1; repeated NamedSchema resources = 2; repeated NamedSchema data_sources = 3;
    repeated Diagnostic diagnostics = 4
PrepareProviderConfig: Value config = 1
PrepareProviderConfigAnswer: Value prepared_config = 1; repeated Diagnostic diagnostics = 2
Configure: string terraform_version = 1; Value config = 2
ConfigureAnswer: repeated Diagnostic diagnostics = 1
ValidateResourceTypeConfig: string type_name = 1; Value config = 2
ValidateResourceTypeConfigAnswer: repeated Diagnostic diagnostics = 1
ValidateDataSourceConfig: string type_name = 1; Value config = 2
ValidateDataSourceConfigAnswer: repeated Diagnostic diagnostics = 1
UpgradeResourceState: string type_name = 1; int version = 2; RawState raw_state = 3
UpgradeResourceStateAnswer: Value upgraded_state = 1; repeated Diagnostic diagnostics = 2
PlanResourceChange: string type_name = 1; Value prior_state = 2; Value proposed_new_state = 3; Value config = 4;
    bytes prior_private = 5
PlanResourceChangeAnswer: Value planned_state = 1; repeated Path requires_replace = 2; bytes planned_private = 3;
    repeated Diagnostic diagnostics = 4
ApplyResourceChange: string type_name = 1; Value prior_state = 2; Value planned_state = 3; Value config = 4;
    bytes planned_private = 5
ApplyResourceChangeAnswer: Value new_state = 1; bytes private = 2; repeated Diagnostic diagnostics = 3
ReadResource: string type_name = 1; Value current_state = 2; bytes private = 3
ReadResourceAnswer: Value new_state = 1; repeated Diagnostic diagnostics = 2; bytes private = 3
ImportedResource: string type_name = 1; Value state = 2; bytes private = 3
ImportResourceState: string type_name = 1; string id = 2
ImportResourceStateAnswer: repeated ImportedResource imported_resources = 1; repeated Diagnostic diagnostics = 2
ReadDataSource: string type_name = 1; Value config = 2
ReadDataSourceAnswer: Value state = 1; repeated Diagnostic diagnostics = 2
Stop:
StopAnswer: string error = 1
"""
"""Messages and their fields, as a .proto file has them, enums as integers. A call's answer is named after it."""


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="bridge.proto", package="bridge", syntax="proto3")
    for line in _MESSAGES.replace(";\n", ";").strip().splitlines():
        title, _, fields = line.partition(":")
        message = file.message_type.add(name=title)
        for field in filter(None, fields.split(";")):
            *repeated, kind, name, _, number = field.split()
            declared = message.field.add(name=name, number=int(number), type=_SCALARS.get(kind, _FIELD.TYPE_MESSAGE))
            declared.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            if kind not in _SCALARS:
                declared.type_name = f".bridge.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    names = [message.name for message in file.message_type]
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"bridge.{name}")) for name in names}


MESSAGES: Final = _classes()
"""Message classes by name."""


def method(channel: grpc.Channel, name: str) -> Any:  # noqa: ANN401 - a call of a message class made at run time
    """Return the call of that name: it takes the request message, and returns the answer."""
    return channel.unary_unary(
        f"/tfplugin5.Provider/{name}",
        request_serializer=MESSAGES[name].SerializeToString,
        response_deserializer=MESSAGES[f"{name}Answer"].FromString,
    )
