"""What a failed lookup means: the engine and the provider wrap the cause in text that differs from run to run."""

import re
from typing import Any, Final

import pulumi
from pulumi.output import UNKNOWN

_CAUSE: Final = re.compile(r"\bapi error (\w+: .*)")
"""What AWS answered; before it the provider names the operation, the status and the request."""
_REQUEST: Final = re.compile(r" (?:RequestID|HostID): [^,]*,")
_COUNT: Final = re.compile(r"\d+ errors? occurred: \* ")
_WRONG_REGION: Final = re.compile(
    r"\bStatusCode: 301\b|\bPermanentRedirect\b|\bAuthorizationHeaderMalformed: .*region .* is wrong"
)


def error_summary(error: Exception) -> str:
    """Return the cause of a failed lookup in one line: AWS's code and words where it answered; no request ids."""
    text = " ".join(str(error).rsplit("returned an error:", 1)[-1].split())
    if answered := _CAUSE.search(text):
        return answered[1]
    return _REQUEST.sub("", _COUNT.sub("", text, count=1))


def is_engine_closing(error: Exception) -> bool:
    """Return whether a lookup failed because the engine stops, as it does when any resource fails."""
    return "the client connection is closing" in str(error)


def unanswered() -> pulumi.Output[Any]:
    """Return the result of a lookup without an answer: an unknown value."""
    return pulumi.Output.from_input(UNKNOWN)


def is_wrong_region(error: Exception) -> bool:
    """Return whether S3 answered that the bucket is in another region than the one that was asked."""
    return _WRONG_REGION.search(str(error)) is not None
