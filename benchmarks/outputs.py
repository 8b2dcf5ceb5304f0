"""Several values as one output, against `pulumi.Output.all`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pulumi

from benchmarks.measure import Row, seconds, timed
from personalize_permissions._runtime.outputs import combine, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OURS = {
    "two outputs and a string": lambda one, two: gather(one, "plain", two),
    "an output and two strings, and a function of them": lambda one, _: combine(_joined, one, "plain", "text"),
}
_PEER = {
    "two outputs and a string": lambda one, two: pulumi.Output.all(one, "plain", two),
    "an output and two strings, and a function of them": lambda one, _: pulumi.Output.all(one, "plain", "text").apply(
        lambda values: _joined(*values)
    ),
}


def _joined(*values: str) -> str:
    return "".join(values)


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give a row for each way in which the components join values."""
    number, repeats = (10, 1) if small else (5_000, 5)
    for what, ours in _OURS.items():
        took = timed(f"{what}, by us", lambda ours=ours: asyncio.run(_join(ours, number)), repeats)  # type: ignore[misc] # bound at once
        peer = timed(
            f"{what}, by Output.all",
            lambda what=what: asyncio.run(_join(_PEER[what], number)),  # type: ignore[misc] # bound at once
            repeats,
        )
        yield Row(
            f"{what}, joined {number:,} times", seconds(took), f"Output.all {seconds(peer)}", took / peer, "<= 0.5"
        )


async def _join(join: Callable[[Any, Any], pulumi.Output[Any]], number: int) -> None:
    """Join two outputs again and again, and wait for all that comes of it."""
    one, two = pulumi.Output.from_input("one"), pulumi.Output.from_input("two")
    for joined in [join(one, two) for _ in range(number)]:
        await joined.future()
        await joined.resources()
        await joined.is_secret()
