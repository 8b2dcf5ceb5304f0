"""Answers of the gRPC service: checks, differences, and failures with what they leave behind, without secret values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
from google.protobuf import any_pb2

from sandbox.bridge.names import UnknownTypeError
from sandbox.bridge.process import ProviderError
from sandbox.bridge.terraform import ApplyError
from sandbox.bridge.values import MismatchError
from sandbox.bridge.wire import Props, leaves
from sandbox.stubs import provider_pb2 as pb
from sandbox.stubs import status_pb2

if TYPE_CHECKING:
    from sandbox.bridge.checks import Failure
    from sandbox.bridge.plans import Change

_Call = TypeVar("_Call", bound="Callable[..., Any]")


def answers(call: _Call) -> _Call:
    """Turn refusals into what the engine shows: one message, and the partial state where there is one."""

    @wraps(call)
    def wrapped(self: object, request: object, context: grpc.ServicerContext) -> object:
        try:
            return call(self, request, context)
        except (ProviderError, UnknownTypeError, MismatchError) as error:
            if isinstance(error, ApplyError) and error.recorded:
                state = _partial_state(str(error), *error.recorded)
                context.set_trailing_metadata((("grpc-status-details-bin", state),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return wrapped  # type: ignore[return-value] # the wrapper takes and gives exactly what the method does


def _partial_state(reason: str, identity: str, properties: Any) -> bytes:  # noqa: ANN401 - a message
    detail = any_pb2.Any()
    detail.Pack(pb.ErrorResourceInitFailed(id=identity, properties=properties, reasons=[reason]))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    return status.SerializeToString()


@contextmanager
def hidden(props: Props, secrets: Collection[str]) -> Iterator[None]:
    """Take the values of secret properties out of the message of a ProviderError that the block raises."""
    try:
        yield
    except ProviderError as error:
        error.args = (redact(str(error), props, secrets),)
        raise


def redact(text: str, props: Props, secrets: Collection[str]) -> str:
    """Return the text without the values of secret properties, longest first: one may hold another."""
    values = {leaf for name in secrets for leaf in leaves(props.get(name)) if isinstance(leaf, str) and leaf}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "[secret]")
    return text


def failures(found: Iterable[Failure]) -> list[pb.CheckFailure]:
    """Return refused properties as the engine takes them."""
    return [pb.CheckFailure(property=name, reason=reason) for name, reason in found]


def difference(changes: list[Change], *, deletes_first: bool) -> pb.DiffResponse:
    """Return changes as the engine takes them."""
    kinds = pb.PropertyDiff.Kind
    replaces = sorted({change.property for change in changes if change.replace})
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if changes else pb.DiffResponse.DIFF_NONE,
        hasDetailedDiff=True,
        detailedDiff={
            change.path: pb.PropertyDiff(kind=kinds.Value(f"{change.kind}{'_REPLACE' * change.replace}".upper()))
            for change in changes
        },
        diffs=sorted({change.property for change in changes}),
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and deletes_first,
    )
