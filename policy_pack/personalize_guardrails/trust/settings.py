"""What the trust rule is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PERSONALIZE: Final = "personalize.amazonaws.com"


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """Which services are judged, and on whose behalf they may assume the role.

    `accounts` are the trusted ones; where they are not given, `own_account` is, and where that is not known, those that
    the document's own aws:SourceAccount conditions name.
    """

    services: tuple[str, ...] = (PERSONALIZE,)
    accounts: frozenset[str] | None = None
    own_account: str | None = None
    source_arns: tuple[str, ...] = ()
    """Patterns, as ArnLike takes them, that an aws:SourceArn must match besides naming a trusted account. None: any."""

    def __post_init__(self) -> None:
        services = dict.fromkeys(service.lower() for service in _several(self.services))
        object.__setattr__(self, "services", tuple(services))
        object.__setattr__(self, "source_arns", tuple(_several(self.source_arns)))
        if self.accounts is not None:
            object.__setattr__(self, "accounts", frozenset(_several(self.accounts)))


def _several(values: str | Iterable[str]) -> Iterable[str]:
    return (values,) if isinstance(values, str) else values
