"""Parses and compares numbers, dates and address ranges in conditions.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Any, Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
RELATIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {"Equals": eq, "NotEquals": eq, "LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}
)
"""By the last part of an operator's name: `LessThan` of `NumericLessThan`. The caller negates `NotEquals`."""
_MOST_DIGITS: Final = 40


def read_number(text: str) -> Decimal | None:
    """Parse a number; None for any other text, and for a number too large for a policy."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def read_date(text: str) -> datetime | None:
    """Parse a point in time, in ISO 8601 or in seconds since 1970; None for any other text."""
    try:
        read = datetime.fromtimestamp(int(text), UTC) if text.lstrip("-").isdigit() else datetime.fromisoformat(text)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def read_network(text: str) -> Network | None:
    """Parse an address range in CIDR notation, or one address; None for any other text."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_within(address: str, network: Network) -> bool:
    """Return whether an address is in a network; False for what is not an address."""
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False
