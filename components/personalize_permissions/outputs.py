"""Several values as one output, at the cost of one.

`pulumi.Output.all` makes an output of everything that it is given, and two more of what already is one. A permission
set joins values in so many places that this was half of what its registration took.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import pulumi
from pulumi.output import UNKNOWN, contains_unknowns

T = TypeVar("T")


def joined(*values: Any) -> pulumi.Output[list[Any]]:  # noqa: ANN401 - any values
    """The values of outputs and of plain values, once all are known; secret where one is.

    Unlike `pulumi.Output.all` it looks for outputs among the values only, not within them: see `unwrapped`.
    """
    parts = [value if isinstance(value, pulumi.Output) else unwrapped(value) for value in values]
    outputs = [part for part in parts if isinstance(part, pulumi.Output)]

    async def found() -> list[Any]:
        return [await _value(part) if isinstance(part, pulumi.Output) else part for part in parts]

    async def resources() -> set[pulumi.Resource]:
        return {resource for each in outputs for resource in await each.resources()}

    async def known() -> bool:
        return all([await each.is_known() for each in outputs])

    async def secret() -> bool:
        return any([await each.is_secret() for each in outputs])

    return pulumi.Output(_Asked(resources), _Asked(found), _Asked(known), _Asked(secret))


def unwrapped(value: pulumi.Input[T]) -> pulumi.Input[T]:
    """A value in which no output is left: as it is where it holds none."""
    return pulumi.Output.from_input(value) if _holds_outputs(value) else value


def after(value: pulumi.Output[T], *done: pulumi.Output[object]) -> pulumi.Output[T]:
    """`value`, once all of `done` is done. What is known of `value` in a preview stays known."""
    return joined(value, *done).apply(lambda known: known[0], run_with_unknowns=True)


def _holds_outputs(value: object) -> bool:
    if isinstance(value, str):
        return False
    if isinstance(value, Mapping):
        return any(map(_holds_outputs, value.values()))
    if isinstance(value, Sequence):
        return any(map(_holds_outputs, value))
    return isinstance(value, pulumi.Output | Awaitable)


async def _value(output: pulumi.Output[Any]) -> object:
    value: object = await output.future(with_unknowns=True)
    return value if await output.is_known() or contains_unknowns(value) else UNKNOWN


class _Asked(Generic[T]):
    """An awaitable that begins only when it is awaited: an error before leaves no coroutine behind."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask

    def __await__(self) -> Generator[Any, Any, T]:
        return self._ask().__await__()
