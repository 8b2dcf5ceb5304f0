"""Refusals in the form in which the real provider reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from sandbox.emulator.wire import Props


class AwsError(Exception):
    """A refusal by an AWS service: its error code, and the message that goes with it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ReportedError(Exception):
    """A refusal together with what it interrupted: the whole text that the engine shows."""

    def __init__(self, text: str) -> None:
        super().__init__(f"1 error occurred:\n\t* {text}\n\n")


class PartialError(Exception):
    """The resource stands, but not all of it: the engine keeps its state and the next run mends it."""

    def __init__(self, identity: str, state: Props, reason: str) -> None:
        super().__init__(reason)
        self.identity = identity
        self.state = state
        self.reason = reason


def from_boto(error: BotoCoreError | ClientError) -> AwsError:
    """The refusal in a boto3 error; where no service answered, the kind of failure is its code."""
    if not isinstance(error, ClientError):
        return AwsError(type(error).__name__, str(error))
    detail = error.response.get("Error", {})
    return AwsError(str(detail.get("Code", "Unknown")), str(detail.get("Message", error)))
