"""Principals: whom a statement applies to.

Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ANYONE: Final = "*"


class PrincipalKind(StrEnum):
    """The key of a principal; ANY is the bare `"Principal": "*"`."""

    AWS = "AWS"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL_USER = "CanonicalUser"
    ANY = "*"


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal. `Principal.any()` and `Principal.aws("*")` are different, and stay as they are written."""

    kind: PrincipalKind
    value: str

    def __post_init__(self) -> None:
        if not self.value:
            raise ValueError("a principal is never empty")
        if self.kind is PrincipalKind.ANY and self.value != ANYONE:
            raise ValueError("a principal that is not '*' has a kind: AWS, Service, Federated or CanonicalUser")

    @classmethod
    def any(cls) -> Principal:
        """Return the bare `*`, which is everybody."""
        return cls(PrincipalKind.ANY, ANYONE)

    @classmethod
    def service(cls, name: str) -> Principal:
        """Return a service principal, such as `personalize.amazonaws.com`."""
        return cls(PrincipalKind.SERVICE, name)

    @classmethod
    def aws(cls, value: str) -> Principal:
        """Return a principal that is an account id, an ARN of IAM or STS, a unique id, or `*`."""
        return cls(PrincipalKind.AWS, value)
