"""The faults, and how each service words those that are answers.

Codes are those of each service's "Common errors" page and of its API reference; the forms are those of its protocol.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.faults.injection.calls import Call


class Fault(StrEnum):
    """What can go wrong between the plugin and AWS."""

    THROTTLED = "throttled"
    UNAVAILABLE = "5xx"
    LOST_REQUEST = "lost requests"
    """The connection ends before AWS has read the request."""
    LOST_ANSWER = "lost answers"
    """AWS did what was asked, and the connection ends before it says so."""
    SILENT = "time-outs"
    """AWS takes the request and says nothing, until the caller gives up."""
    UNSEEN = "unseen roles"
    """A read that does not see yet what was made."""
    UNUSABLE = "unusable principals"
    """A policy is refused because it names a role that is not known everywhere yet."""
    REFUSED = "refused writes"
    """An error that nobody repeats: the caller lacks a permission."""
    KILLED_BEFORE = "runs killed before a write"
    KILLED_AFTER = "runs killed after a write"
    ENGINE_KILLED = "engines killed alone"
    """The engine dies, and its plugin lives long enough to end what it had begun."""
    PROVIDER_KILLED = "providers killed alone"
    """The process that calls AWS dies before AWS has read the request, and the engine lives."""


KILLS: Final = frozenset({Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.ENGINE_KILLED})
AFTERWARDS: Final = frozenset({Fault.LOST_ANSWER, Fault.KILLED_AFTER})
"""Faults of requests that AWS has carried out."""
DROPS: Final = frozenset(
    {
        Fault.LOST_REQUEST,
        Fault.LOST_ANSWER,
        Fault.SILENT,
        Fault.KILLED_BEFORE,
        Fault.KILLED_AFTER,
        Fault.PROVIDER_KILLED,
    }
)
"""Faults that end the connection without a word."""


@dataclass(frozen=True, slots=True)
class Error:
    """One error of a service."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes


_DENIED: Final = "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform this action"
_QUERY: Final = MappingProxyType(
    {
        Fault.THROTTLED: Error(400, "Throttling", "Rate exceeded"),
        Fault.UNAVAILABLE: Error(503, "ServiceUnavailable", "The request has failed due to a temporary failure"),
        Fault.UNSEEN: Error(404, "NoSuchEntity", "The role cannot be found."),
        Fault.UNUSABLE: Error(400, "MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"AROAEXAMPLE"'),
        Fault.REFUSED: Error(403, "AccessDenied", _DENIED),
    }
)
ERRORS: Final[Mapping[str, Mapping[Fault, Error]]] = MappingProxyType(
    {
        "iam": _QUERY,
        "sts": _QUERY,
        "s3": MappingProxyType(
            {
                Fault.THROTTLED: Error(503, "SlowDown", "Please reduce your request rate."),
                Fault.UNAVAILABLE: Error(500, "InternalError", "We encountered an internal error. Please try again."),
                Fault.UNUSABLE: Error(400, "MalformedPolicy", "Invalid principal in policy"),
                Fault.REFUSED: Error(403, "AccessDenied", "Access Denied"),
            }
        ),
        "kms": MappingProxyType(
            {
                Fault.THROTTLED: Error(400, "ThrottlingException", "Rate exceeded"),
                Fault.UNAVAILABLE: Error(500, "KMSInternalException", "An internal exception occurred."),
                Fault.UNUSABLE: Error(
                    400,
                    "MalformedPolicyDocumentException",
                    "Policy contains a statement with one or more invalid principals.",
                ),
                Fault.REFUSED: Error(400, "AccessDeniedException", _DENIED),
            }
        ),
    }
)


def answer(fault: Fault, call: Call) -> Answer:
    """The fault as the called service says it; KeyError where that service has no such error."""
    error = ERRORS[call.service][fault]
    if call.service == "kms":
        body = json.dumps({"__type": error.code, "message": error.message})
        return Answer(error.status, "application/x-amz-json-1.1", body.encode())
    detail = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    if call.service == "s3":
        body = f"<Error>{detail}<RequestId>FAULT</RequestId></Error>"
    else:
        kind = "Sender" if error.status < 500 else "Receiver"
        body = f"<ErrorResponse><Error><Type>{kind}</Type>{detail}</Error><RequestId>fault</RequestId></ErrorResponse>"
    return Answer(error.status, "text/xml", body.encode())
