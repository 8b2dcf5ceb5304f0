"""Operators that compare numbers, dates, booleans, bytes and addresses, for the keys that an attacker may choose.

Each gives a test of one value, and values on every side of its bounds: the test changes nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam.conditions import ConditionOperator, OperatorFamily
from personalize_guardrails.iam.scalars import RELATIONS, Network, is_within, read_date, read_network, read_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from decimal import Decimal


Test = Callable[[str], bool]
_BOOLEANS: Final = ("true", "false")


def compare(operator: ConditionOperator, texts: Sequence[str]) -> tuple[Test, tuple[str, ...]] | None:
    """Return the test of "any of `texts`", not yet negated, and values to try; None where a text is of another kind."""
    read: Callable[[str], Any]
    near: Callable[[Any], Iterable[str]]
    match operator.family:
        case OperatorFamily.BOOL:
            wanted = {text.lower() for text in texts}
            return ((lambda value: value.lower() in wanted), _BOOLEANS) if wanted <= {*_BOOLEANS} else None
        case OperatorFamily.BINARY:
            exact = set(texts)
            return (lambda value: value in exact), (*texts, "AAAA")
        case OperatorFamily.NUMERIC:
            read, near = read_number, _near_number
        case OperatorFamily.DATE:
            read, near = read_date, _near_date
        case OperatorFamily.IP_ADDRESS:
            read, near = read_network, _near_network
        case _:
            return None
    bounds: list[Any] = [read(text) for text in texts]
    if None in bounds:
        return None
    around = tuple(text for bound in bounds for text in near(bound))
    if operator.family is OperatorFamily.IP_ADDRESS:
        return (lambda value: any(is_within(value, network) for network in bounds)), around
    holds = RELATIONS[operator.base.removeprefix(operator.family)]

    def test(value: str) -> bool:
        known = read(value)
        return known is not None and any(holds(known, bound) for bound in bounds)

    return test, around


def _near_number(bound: Decimal) -> Iterable[str]:
    return str(bound - 1), str(bound), str(bound + 1)


def _near_date(bound: datetime) -> Iterator[str]:
    """Yield the dates around a bound, and itself."""
    for seconds in (-1, 0, 1):
        with suppress(OverflowError):
            yield (bound + timedelta(seconds=seconds)).isoformat()


def _near_network(network: Network) -> Iterator[str]:
    """Yield the first and the last address of a network, and those beside it."""
    first, last = network.network_address, network.broadcast_address
    yield from (str(first), str(last))
    beside = (number for number in (int(first) - 1, int(last) + 1) if 0 <= number < 2**network.max_prefixlen)
    yield from (str(type(first)(number)) for number in beside)
