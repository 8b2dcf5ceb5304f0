"""Refusals in the form in which the real provider reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from sandbox.emulator.wire import Props


class AwsError(Exception):
    """A refusal by an AWS service: its error code, and the message that goes with it."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class PartialError(Exception):
    """The resource stands, but not all of it: the engine keeps its state and the next run mends it."""

    def __init__(self, identity: str, state: Props, reason: str) -> None:
        super().__init__(reason)
        self.identity = identity
        self.state = state
        self.reason = reason


def from_client(error: ClientError) -> AwsError:
    """The refusal in a boto3 error."""
    detail = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return AwsError(str(detail.get("Code", "Unknown")), str(detail.get("Message", error)), status=int(status))


def sentence(action: str, error: AwsError) -> str:
    """What the real provider prints, such as `creating IAM Role (x): EntityAlreadyExists: Role with name x ...`."""
    return f"{action}: {error.code}: {error.message}"
