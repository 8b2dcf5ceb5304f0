"""Several values as one output, at the cost of one.

`pulumi.Output.all` makes an output of everything that it is given, and two more of what already is one. A permission
set joins values in so many places that this was half of what its registration took.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import pulumi
from pulumi.output import UNKNOWN, contains_unknowns

T = TypeVar("T")
R = TypeVar("R")


def joined(*values: Any) -> pulumi.Output[list[Any]]:  # noqa: ANN401 - any values
    """The values of outputs and of plain values, once all are known; secret where one is.

    Unlike `pulumi.Output.all` it looks for outputs among the values only, not within them: see `unwrapped`.
    """
    parts = [value if isinstance(value, pulumi.Output) else unwrapped(value) for value in values]
    outputs = [part for part in parts if isinstance(part, pulumi.Output)]

    async def found() -> list[Any]:
        return [await _value(part) if isinstance(part, pulumi.Output) else part for part in parts]

    async def known() -> bool:
        return all([await each.is_known() for each in outputs])

    return _output(outputs, found, known)


def _output(
    of: Sequence[pulumi.Output[Any]],
    found: Callable[[], Coroutine[Any, Any, T]],
    known: Callable[[], Coroutine[Any, Any, bool]],
) -> pulumi.Output[T]:
    """An output with the resources of others, and secret where one of them is."""

    async def resources() -> set[pulumi.Resource]:
        return {resource for each in of for resource in await each.resources()}

    async def secret() -> bool:
        return any([await each.is_secret() for each in of])

    return pulumi.Output(_Asked(resources), _Asked(found), _Asked(known), _Asked(secret))


def unwrapped(value: pulumi.Input[T]) -> pulumi.Input[T]:
    """A value in which no output is left: as it is where it holds none."""
    return pulumi.Output.from_input(value) if _holds_outputs(value) else value


def after(value: pulumi.Output[T], *done: pulumi.Output[object]) -> pulumi.Output[T]:
    """`value`, once all of `done` is done. What is known of `value` in a preview stays known."""

    async def found() -> Any:  # noqa: ANN401 - any value
        for each in done:
            await each.future()
        return await _value(value)

    return _output((value, *done), found, value.is_known)


def applied(change: Callable[..., pulumi.Input[R]], *values: Any) -> pulumi.Output[R]:  # noqa: ANN401 - any values
    """What `change` makes of the values, once all are known; as `joined`, but one output where only one of them is."""
    parts = [value if isinstance(value, pulumi.Output) else unwrapped(value) for value in values]
    outputs = [(place, part) for place, part in enumerate(parts) if isinstance(part, pulumi.Output)]
    if len(outputs) != 1:
        return joined(*parts).apply(lambda known: change(*known))
    [(place, only)] = outputs
    return only.apply(lambda known: change(*parts[:place], known, *parts[place + 1 :]))


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
