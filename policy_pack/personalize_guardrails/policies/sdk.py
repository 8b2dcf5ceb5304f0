"""Runs the pack with less work than the SDK does for each resource.

The SDK deserializes every resource anew for every policy. Here a resource whose type no policy reads costs nothing, one
that is read is deserialized once, and the policies that belong to the trust rule share its configuration. Where the SDK
is not as it is known to be, it runs the pack its own way, and each policy has the configuration that is written for it.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.extraction import watched_types
from personalize_guardrails.policies.trust_policy import EXEMPTIONS, SATISFIABLE, SOURCE_CONDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

sdk: Any = importlib.import_module("pulumi_policy.policy")
_SHARED: Final = {SATISFIABLE: SOURCE_CONDITIONS, EXEMPTIONS: SOURCE_CONDITIONS}
_KNOWN: Final = {
    "deserialize_properties": ("props", "proxy_secrets"),
    "json_format.MessageToDict": ("message",),
    "proto.AnalyzeResponse": (),
    "proto.RemediateResponse": (),
    "_PolicyAnalyzerServicer.Analyze": ("self", "request", "_context"),
    "_PolicyAnalyzerServicer.AnalyzeStack": ("self", "request", "_context"),
    "_PolicyAnalyzerServicer.Remediate": ("self", "request", "_context"),
    "_PolicyAnalyzerServicer._get_policy_config": ("self", "name"),
}
"""What is used of the SDK though it is not public, with the parameters that it begins with."""


def speed_up(read_types: frozenset[str]) -> bool:
    """Have the SDK's server run with less work; False where the SDK is another one than is known."""
    if not all(_is_known(path, parameters) for path, parameters in _KNOWN.items()):
        return False
    base = sdk._PolicyAnalyzerServicer  # noqa: SLF001 - the SDK has no seam; guarded above
    once = _Once(sdk.json_format.MessageToDict, sdk.deserialize_properties)
    sdk.json_format = once  # stands in for the module, in the SDK's own namespace only
    sdk.deserialize_properties = once.deserialize
    proto = sdk.proto

    class Servicer(base):  # type: ignore[misc,valid-type] # found at run time
        """The SDK's server, asked about resources that a policy reads only."""

        def Analyze(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
            if request.type not in read_types:
                return proto.AnalyzeResponse()
            with once.for_one_request():
                return super().Analyze(request, context)

        def Remediate(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
            if request.type not in watched_types():
                return proto.RemediateResponse()
            return super().Remediate(request, context)

        def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
            with once.for_one_request():
                return super().AnalyzeStack(
                    _Read([each for each in request.resources if each.type in read_types]), context
                )

        def _get_policy_config(self, name: str) -> Any:  # noqa: ANN401 - the SDK's own
            shared = super()._get_policy_config(_SHARED[name]) if name in _SHARED else None
            own = super()._get_policy_config(name)
            return {**(shared or {}), **(own or {})} or None

    sdk._PolicyAnalyzerServicer = Servicer  # noqa: SLF001 - as above
    return True


def _is_known(path: str, parameters: tuple[str, ...]) -> bool:
    found = sdk
    try:
        for name in path.split("."):
            found = getattr(found, name)
        return not parameters or tuple(signature(found).parameters)[: len(parameters)] == parameters
    except (AttributeError, TypeError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class _Read:
    """A request about a stack, without the resources that nothing reads."""

    resources: list[Any]


@dataclass(slots=True)
class _Known:
    """A message, and what became of it. Holding the message keeps its identity its own."""

    message: Any
    body: Any
    properties: Any = None


class _Once:
    """The SDK's two steps from a message to properties, done once for each message of a request."""

    def __init__(self, to_dict: Any, deserialize: Any) -> None:  # noqa: ANN401 - the SDK's functions
        self._to_dict, self._deserialize = to_dict, deserialize
        self._request = threading.local()

    @contextmanager
    def for_one_request(self) -> Iterator[None]:
        """Remember, in this thread, until the request is answered."""
        self._request.messages, self._request.bodies = {}, {}
        try:
            yield
        finally:
            del self._request.messages, self._request.bodies

    def MessageToDict(self, message: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
        """The message as a dict."""
        messages = getattr(self._request, "messages", None)
        if messages is None:
            return self._to_dict(message)
        known = messages.get(id(message))
        if known is None:
            known = messages[id(message)] = _Known(message, self._to_dict(message))
            self._request.bodies[id(known.body)] = known
        return known.body

    def deserialize(self, body: Any, proxy_secrets: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - the SDK's own
        """The properties in the dict. Policies read them and change nothing, so they may share them."""
        known = getattr(self._request, "bodies", {}).get(id(body))
        if known is None or proxy_secrets:
            return self._deserialize(body, proxy_secrets)
        if known.properties is None:
            known.properties = self._deserialize(body)
        return known.properties
