"""Operators that compare numbers, dates, booleans, bytes and addresses, for the keys that an attacker may choose.

Each gives a test of one value, and values on every side of its bounds: the test changes nowhere else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from personalize_guardrails.iam.conditions import ConditionOperator, OperatorFamily

Test = Callable[[str], bool]
_BOOLEANS: Final = ("true", "false")


def compare(operator: ConditionOperator, texts: Sequence[str]) -> tuple[Test, tuple[str, ...]] | None:
    """The test of "any of `texts`", not yet negated, with values to try; None where a text is of another kind."""
    match operator.family:
        case OperatorFamily.BOOL:
            wanted = {text.lower() for text in texts}
            return ((lambda value: value.lower() in wanted), _BOOLEANS) if wanted <= {*_BOOLEANS} else None
        case OperatorFamily.BINARY:
            exact = set(texts)
            return (lambda value: value in exact), (*texts, "AAAA")
        case OperatorFamily.NUMERIC:
            return _ordered(operator.base.removeprefix("Numeric"), texts, _number, _near_number)
        case OperatorFamily.DATE:
            return _ordered(operator.base.removeprefix("Date"), texts, _date, _near_date)
        case OperatorFamily.IP_ADDRESS:
            return _addresses(texts)
    return None


_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "Equals": lambda value, bound: value == bound,
    "NotEquals": lambda value, bound: value == bound,  # the caller negates
    "LessThan": lambda value, bound: value < bound,
    "LessThanEquals": lambda value, bound: value <= bound,
    "GreaterThan": lambda value, bound: value > bound,
    "GreaterThanEquals": lambda value, bound: value >= bound,
}


def _ordered(
    relation: str, texts: Sequence[str], read: Callable[[str], Any], near: Callable[[Any], tuple[str, ...]]
) -> tuple[Test, tuple[str, ...]] | None:
    bounds = [read(text) for text in texts]
    if any(bound is None for bound in bounds):
        return None
    holds = _ORDER[relation]

    def test(value: str) -> bool:
        known = read(value)
        return known is not None and any(holds(known, bound) for bound in bounds)

    return test, tuple(text for bound in bounds for text in near(bound))


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None


def _near_number(bound: Decimal) -> tuple[str, ...]:
    return str(bound - 1), str(bound), str(bound + 1)


def _date(text: str) -> datetime | None:
    try:
        read = datetime.fromtimestamp(int(text), UTC) if text.lstrip("-").isdigit() else datetime.fromisoformat(text)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _near_date(bound: datetime) -> tuple[str, ...]:
    found = []
    for seconds in (-1, 0, 1):
        try:
            found.append((bound + timedelta(seconds=seconds)).isoformat())
        except OverflowError:
            continue
    return tuple(found)


def _addresses(texts: Sequence[str]) -> tuple[Test, tuple[str, ...]] | None:
    try:
        networks = [ipaddress.ip_network(text, strict=False) for text in texts]
    except ValueError:
        return None

    def test(value: str) -> bool:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return False
        return any(address in network for network in networks)

    near: list[str] = []
    for network in networks:
        first, last = int(network.network_address), int(network.broadcast_address)
        near += [str(network.network_address), str(network.broadcast_address)]
        make = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        near += [str(make(number)) for number in (first - 1, last + 1) if 0 <= number < 2**network.max_prefixlen]
    return test, tuple(near)
