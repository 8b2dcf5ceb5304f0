"""Operators that compare numbers, dates, booleans, bytes and addresses, for the keys that an attacker may choose.

Each gives a test of one value, and values on every side of its bounds: the test changes nowhere else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.conditions import ConditionOperator, OperatorFamily
from personalize_guardrails.iam.scalars import RELATIONS, is_within, read_date, read_network, read_number

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

Test = Callable[[str], bool]
_BOOLEANS: Final = ("true", "false")


def compare(operator: ConditionOperator, texts: Sequence[str]) -> tuple[Test, tuple[str, ...]] | None:
    """Return the test of "any of `texts`", not yet negated, and values to try; None where a text is of another kind."""
    match operator.family:
        case OperatorFamily.BOOL:
            wanted = {text.lower() for text in texts}
            return ((lambda value: value.lower() in wanted), _BOOLEANS) if wanted <= {*_BOOLEANS} else None
        case OperatorFamily.BINARY:
            exact = set(texts)
            return (lambda value: value in exact), (*texts, "AAAA")
        case OperatorFamily.NUMERIC:
            return _ordered(operator.base.removeprefix("Numeric"), texts, read_number, _near_number)
        case OperatorFamily.DATE:
            return _ordered(operator.base.removeprefix("Date"), texts, read_date, _near_date)
        case OperatorFamily.IP_ADDRESS:
            return _addresses(texts)
    return None


def _ordered(
    relation: str, texts: Sequence[str], read: Callable[[str], Any], near: Callable[[Any], tuple[str, ...]]
) -> tuple[Test, tuple[str, ...]] | None:
    """Return the test of an operator that compares by order, and values on each side of its bounds."""
    bounds = [read(text) for text in texts]
    if any(bound is None for bound in bounds):
        return None
    holds = RELATIONS[relation]

    def test(value: str) -> bool:
        known = read(value)
        return known is not None and any(holds(known, bound) for bound in bounds)

    return test, tuple(text for bound in bounds for text in near(bound))


def _near_number(bound: Decimal) -> tuple[str, ...]:
    return str(bound - 1), str(bound), str(bound + 1)


def _near_date(bound: datetime) -> tuple[str, ...]:
    """Return the dates around a bound, and itself."""
    found = []
    for seconds in (-1, 0, 1):
        try:
            found.append((bound + timedelta(seconds=seconds)).isoformat())
        except OverflowError:
            continue
    return tuple(found)


def _addresses(texts: Sequence[str]) -> tuple[Test, tuple[str, ...]] | None:
    """Return the test of an operator that compares addresses, and addresses on each side of its bounds."""
    read = [read_network(text) for text in texts]
    networks = [network for network in read if network]
    if len(networks) < len(read):
        return None
    near: list[str] = []
    for network in networks:
        first, last = int(network.network_address), int(network.broadcast_address)
        near += [str(network.network_address), str(network.broadcast_address)]
        make = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        near += [str(make(number)) for number in (first - 1, last + 1) if 0 <= number < 2**network.max_prefixlen]
    return (lambda value: any(is_within(value, network) for network in networks)), tuple(near)
