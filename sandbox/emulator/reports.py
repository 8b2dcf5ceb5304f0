"""How refusals reach the engine: with what they interrupted, and with the state of what was half made."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from google.protobuf import any_pb2

from sandbox.emulator.errors import AwsError, PartialError, ReportedError, from_boto
from sandbox.emulator.session import UnsafeEndpointError
from sandbox.emulator.stubs import provider_pb2, status_pb2
from sandbox.emulator.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.emulator.wire import Props

_Call = TypeVar("_Call", bound="Callable[..., Any]")
_STATUS_DETAILS: Final = "grpc-status-details-bin"


def answers(call: _Call) -> _Call:
    """Turn refusals into what the engine shows: one message, and the partial state where there is one."""

    @wraps(call)
    def wrapped(self: object, request: object, context: grpc.ServicerContext) -> object:
        try:
            return call(self, request, context)
        except PartialError as error:
            _abort_partial(context, error)
        except (AwsError, ReportedError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except (BotoCoreError, ClientError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(from_boto(error)))
        except (ResponseParserError, UnsafeEndpointError) as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))

    return wrapped  # type: ignore[return-value] # the wrapper takes and gives exactly what the method does


class Report:
    """Put what was being done, and to what, before a refusal, as the real provider does."""

    def __init__(self, doing: str, secrets: frozenset[str]) -> None:
        self._doing = doing
        self._secrets = secrets

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, PartialError):
            reason = str(ReportedError(f"{self._doing}: {error.reason}"))
            raise MarkedPartialError(error.identity, error.state, reason, with_tags(self._secrets)) from error
        if isinstance(error, AwsError | BotoCoreError | ClientError):
            raise ReportedError(
                f"{self._doing}: {error if isinstance(error, AwsError) else from_boto(error)}"
            ) from error


class MarkedPartialError(PartialError):
    """A partial state that knows which of its properties are secret."""

    def __init__(self, identity: str, state: Props, reason: str, secrets: frozenset[str]) -> None:
        super().__init__(identity, state, reason)
        self.secrets = secrets


def _abort_partial(context: grpc.ServicerContext, error: PartialError) -> NoReturn:
    secrets = error.secrets if isinstance(error, MarkedPartialError) else frozenset()
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.identity, properties=encode(error.state, secrets), reasons=[error.reason]
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=error.reason, details=[detail])
    context.set_trailing_metadata(((_STATUS_DETAILS, status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, error.reason)


def with_tags(secrets: frozenset[str]) -> frozenset[str]:
    """The names of secret properties; where tags are secret, so are all tags."""
    return secrets | {"tagsAll"} if "tags" in secrets else secrets
