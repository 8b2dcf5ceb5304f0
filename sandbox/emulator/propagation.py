"""Waits until all of AWS sees what a part of it has accepted, as the real provider does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import ClientError

from sandbox.emulator.calls import unless_gone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.emulator.session import Account
    from sandbox.emulator.wire import Json

T = TypeVar("T")
_WITHIN_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.1


def until_seen(look: Callable[[], T | None]) -> T | None:
    """What `look` finds, as soon as it finds something; None where it does not in time."""
    until = time.monotonic() + _WITHIN_SECONDS
    while (found := look()) is None and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    return found


def while_refused(call: Callable[..., Json], *codes: str, **arguments: object) -> Json:
    """The call's answer; refusals of these codes are taken for passing, and repeated for a while."""
    until = time.monotonic() + _WITHIN_SECONDS
    while True:
        try:
            return call(**arguments)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in codes or time.monotonic() > until:
                raise
        time.sleep(_PAUSE_SECONDS)


def entity(account: Account, kind: str, name: str) -> Json:
    """A role, user or group as IAM has it; None where there is none. One that this provider has made is waited for."""
    get = getattr(account.client("iam"), f"get_{kind}")

    def look() -> Json:
        return unless_gone(get, **{f"{kind.capitalize()}Name": name})

    return until_seen(look) if account.has_made(kind, name) else look()
