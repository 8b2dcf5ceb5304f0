"""The mock monitor, which refuses what the engine refuses: two resources of one URN."""

import threading
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor, Mocks


class Monitor(MockMonitor):
    """Pulumi's mock monitor; a resource whose URN another has is an error, as it is on the engine."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self._urns: set[str] = set()
        self._lock = threading.Lock()  # resources are registered by several threads

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - the protocol's message and name
        """Register a resource."""
        self._claim(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call] # the SDK does not type it

    def ReadResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - as above
        """Read a resource that exists already."""
        self._claim(request)
        return super().ReadResource(request)  # type: ignore[no-untyped-call] # as above

    def _claim(self, request: Any) -> None:  # noqa: ANN401 - as above
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock:
            if urn in self._urns:
                raise pulumi.RunError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
            self._urns.add(urn)
