"""Checks a call against the service model that AWS publishes with its SDKs: lengths, sizes, ranges and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from sandbox.account.call import Call, RefusedError

if TYPE_CHECKING:
    from botocore.model import ServiceModel

_CODES: Final = {"iam": "ValidationError", "kms": "ValidationException"}


def require(service: str, call: Call) -> None:
    """Refuse a call with a parameter that the service's model does not allow."""
    shape = _model(service).operation_model(call.operation).input_shape
    for failure in _failures(shape, call.parameters, "") if shape else ():
        raise RefusedError(_CODES[service], failure)


Shape = Any
"""A shape of the model: its class says what it is made of."""


def _failures(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                place = name[0].lower() + name[1:]
                yield from _failures(member, value[name], f"{path}.{place}" if path else place)
    elif shape.type_name == "list":
        yield from _out_of_bounds(shape, len(value), "length", path)
        for index, item in enumerate(value, 1):
            yield from _failures(shape.member, item, f"{path}.{index}.member")
    elif shape.type_name == "string":
        yield from _out_of_bounds(shape, len(value), "length", path)
        pattern = shape.metadata.get("pattern")
        if pattern and not _compiled(pattern).fullmatch(value):
            yield f"The specified value for {path} is invalid. It must satisfy the regular expression {pattern}"
    elif shape.type_name in {"integer", "long"}:
        yield from _out_of_bounds(shape, int(value), "value", path)


def _out_of_bounds(shape: Shape, number: int, what: str, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    bound = "less" if most is not None and number > most else "greater" if number < (least or 0) else None
    if bound:
        yield (
            f"1 validation error detected: Value at '{path}' failed to satisfy constraint: "
            f"Member must have {what} {bound} than or equal to {most if bound == 'less' else least}"
        )


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(r"\p{L}\p{Z}\p{N}_", r"\w\s"), re.ASCII if r"\p" not in pattern else 0)
