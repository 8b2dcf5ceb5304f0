"""Property values as the engine sends them over gRPC, and as the handlers see them.

Handlers see plain Python values: secrets are taken off on the way in and put back on the way out, unknown values are
`UNKNOWN`, whole numbers are `int`. The signatures are those of Pulumi's wire protocol (sdk/go/common/resource).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict

Json = Any
"""Any JSON value, or what boto3 answers in its place."""

Props = dict[str, Any]
"""Properties of a resource by their camelCase names."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's marker of a secret, not a secret
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown(Enum):
    """The type of `UNKNOWN`, a value that only `up` will know."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


def has_unknown(value: object) -> bool:
    """Return whether the value is unknown or holds something unknown."""
    return any(leaf is UNKNOWN for leaf in leaves(value))


def leaves(value: object) -> Iterator[object]:
    """Yield what is neither an object nor a list in a value."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


def decode(struct: struct_pb2.Struct) -> tuple[Props, frozenset[str]]:
    """Return the properties of a message, and the names of those that are secret or hold a secret."""
    props: Props = {}
    secrets: set[str] = set()
    for name, value in MessageToDict(struct).items():
        found: list[bool] = []
        props[name] = _decode(value, found)
        if found:
            secrets.add(name)
    return props, frozenset(secrets)


def encode(props: Mapping[str, object], secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    """Return a message of the properties; nulls are left out, and those named in `secrets` are marked secret."""
    marked = frozenset(secrets)
    struct = struct_pb2.Struct()
    for name, value in props.items():
        if value is not None:
            encoded = _encode(value)
            struct[name] = {_SIGNATURE: _SECRET, "value": encoded} if name in marked else encoded
    return struct


def _decode(value: Json, secrets: list[bool]) -> object:
    if isinstance(value, dict):
        return _decode_object(value, secrets)
    if isinstance(value, list):
        return [_decode(item, secrets) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return UNKNOWN if isinstance(value, str) and value in _UNKNOWNS else value


def _decode_object(value: Props, secrets: list[bool]) -> object:
    signature = value.get(_SIGNATURE)
    if signature == _SECRET or (signature == _OUTPUT and value.get("secret")):
        secrets.append(True)
    if signature in {_SECRET, _OUTPUT}:
        return _decode(value["value"], secrets) if "value" in value else UNKNOWN
    if signature == _RESOURCE:
        return _decode(value.get("id", value.get("urn")), secrets)
    if signature == _ASSET:
        return Path(value["path"]).read_text(encoding="utf-8") if value.get("path") else value["text"]
    return {name: _decode(item, secrets) for name, item in value.items()}


def _encode(value: object) -> Json:
    if isinstance(value, dict):
        return {str(name): _encode(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    return _UNKNOWN_STRING if value is UNKNOWN else value
