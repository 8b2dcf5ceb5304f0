"""A call of an AWS API as the rules see it, and how they refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.iam.models import IAMBackend, iam_backends
from moto.utilities.utils import get_partition


class RefusedError(ServiceException):
    """A refusal by AWS's error code and message; `status` where the service's model does not give it."""

    def __init__(
        self, code: str, message: str, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its operation and parameters by AWS's names, and the account and region that it asks."""

    operation: str
    parameters: dict[str, Any]
    account_id: str
    region: str

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return not self.operation.startswith(("Get", "List", "Describe", "Head"))

    @property
    def partition(self) -> str:
        """The partition of the region, such as `aws-cn`."""
        return str(get_partition(self.region))

    @property
    def iam(self) -> IAMBackend:
        """What moto keeps of the account's IAM."""
        return iam_backends[self.account_id][self.partition]
