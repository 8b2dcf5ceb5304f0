"""Runs the pack with less work than the SDK does for each resource.

The SDK deserializes every resource anew for every policy. Here a resource whose type no policy reads costs nothing, one
that is read is deserialized once, and the policies that belong to the trust rule share its configuration. Where the SDK
is not as it is known to be, it runs the pack its own way.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any, Final

from personalize_guardrails.extraction import watched_types
from personalize_guardrails.policies.trust_policy import EXEMPTIONS, SATISFIABLE, SOURCE_CONDITIONS

sdk: Any = importlib.import_module("pulumi_policy.policy")
_SHARED: Final = {SATISFIABLE: SOURCE_CONDITIONS, EXEMPTIONS: SOURCE_CONDITIONS}
_NEEDED: Final = ("_PolicyAnalyzerServicer", "deserialize_properties", "json_format", "proto")


def speed_up(read_types: frozenset[str]) -> bool:
    """Have the SDK's server run with less work; False where the SDK is another one than is known."""
    if not all(hasattr(sdk, name) for name in _NEEDED):
        return False
    base = sdk._PolicyAnalyzerServicer  # noqa: SLF001 - the SDK has no seam; guarded above
    if not all(hasattr(base, name) for name in ("Analyze", "AnalyzeStack", "Remediate", "_get_policy_config")):
        return False
    once = _Once(sdk.json_format.MessageToDict, sdk.deserialize_properties)
    sdk.json_format = once  # stands in for the module, in the SDK's own namespace only
    sdk.deserialize_properties = once.deserialize
    proto = sdk.proto

    class Servicer(base):  # type: ignore[misc,valid-type] # found at run time
        """The SDK's server, asked about resources that a policy reads only."""

        def Analyze(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
            if request.type not in read_types:
                return proto.AnalyzeResponse()
            return super().Analyze(request, context)

        def Remediate(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
            if request.type not in watched_types():
                return proto.RemediateResponse()
            return super().Remediate(request, context)

        def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
            read = proto.AnalyzeStackRequest()
            read.resources.extend(each for each in request.resources if each.type in read_types)
            return super().AnalyzeStack(read, context)

        def _get_policy_config(self, name: str) -> Any:  # noqa: ANN401 - the SDK's own
            shared = super()._get_policy_config(_SHARED[name]) if name in _SHARED else None
            own = super()._get_policy_config(name)
            return {**(shared or {}), **(own or {})} or None

    sdk._PolicyAnalyzerServicer = Servicer  # noqa: SLF001 - as above
    return True


class _Once:
    """The SDK's two steps from a message to properties, remembered for the message that a thread is at."""

    def __init__(self, to_dict: Any, deserialize: Any) -> None:  # noqa: ANN401 - the SDK's functions
        self._to_dict, self._deserialize = to_dict, deserialize
        self._last = threading.local()

    def MessageToDict(self, message: Any) -> Any:  # noqa: ANN401, N802 - the SDK's own
        """The message as a dict: the same one while the thread is at the same message."""
        last = self._last
        if getattr(last, "message", None) is not message:
            last.message, last.body, last.properties = message, self._to_dict(message), None
        return last.body

    def deserialize(self, body: Any, proxy_secrets: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - the SDK's own
        """The properties in the dict. Policies read them and change nothing, so they may share them."""
        last = self._last
        if proxy_secrets or getattr(last, "body", None) is not body:
            return self._deserialize(body, proxy_secrets)
        if last.properties is None:
            last.properties = self._deserialize(body, proxy_secrets)
        return last.properties
