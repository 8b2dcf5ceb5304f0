"""Several values as one output, at the cost of one.

`pulumi.Output.all` makes an output of everything that it is given, and two more of what already is one, which takes
about five times as long (`python -m benchmarks outputs`); a permission set joins values in dozens of places. And it
always depends on all that it is given: `resolve_after` waits for resources without depending on them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import pulumi
from pulumi.output import UNKNOWN, contains_unknowns

T = TypeVar("T")
R = TypeVar("R")


def gather(
    *values: Any,  # noqa: ANN401 - any values
    depends_on: Sequence[pulumi.Output[Any]] | None = None,
) -> pulumi.Output[list[Any]]:
    """Return the values of outputs and of plain values, once all are known; secret where one is.

    Unlike `pulumi.Output.all` it looks for outputs among the values only, not within them: see `flatten_input`.
    `depends_on` are the outputs whose resources it depends on: all of them where it is left out.
    """
    parts = list(map(_as_part, values))
    outputs = [part for part in parts if isinstance(part, pulumi.Output)]
    found, known = _Asked(_found, parts), _Asked(_all_known, outputs)
    resources = _Asked(_resources, outputs if depends_on is None else list(depends_on))
    return pulumi.Output(resources, found, known, _Asked(_secret, outputs))


def combine(change: Callable[..., pulumi.Input[R]], *values: Any) -> pulumi.Output[R]:  # noqa: ANN401 - any values
    """Return what `change` makes of the values, once all are known: one output more where only one of them is one."""
    parts = list(map(_as_part, values))
    outputs = [(place, part) for place, part in enumerate(parts) if isinstance(part, pulumi.Output)]
    if len(outputs) != 1:
        return gather(*parts).apply(lambda known: change(*known))
    [(place, only)] = outputs
    return only.apply(lambda known: change(*parts[:place], known, *parts[place + 1 :]))


def flatten_input(value: pulumi.Input[T]) -> pulumi.Input[T]:
    """Return a value with outputs in it as one output; a value without outputs as it is."""
    return pulumi.Output.from_input(value) if _holds_outputs(value) else value


def as_output(value: pulumi.Input[T]) -> pulumi.Output[T]:
    """Return an output as it is, and any other value as an output; `from_input` wraps an output in another."""
    return value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)


def resolve_after(
    value: pulumi.Input[T], *done: pulumi.Input[Any], depends_on: Sequence[pulumi.Output[Any]] | None = None
) -> pulumi.Output[T]:
    """Return `value` once all of `done` is resolved; it stays known or unknown, secret or plain, as it is.

    `depends_on` are the outputs whose resources it depends on: all of them where it is left out.
    """
    first = _as_part(value)
    own, others = ([part for part in parts if isinstance(part, pulumi.Output)] for parts in ([first], done))
    found, known = _Asked(_first_after_all, [first, *others]), _Asked(_all_known, own)
    resources = _Asked(_resources, own + others if depends_on is None else list(depends_on))
    return pulumi.Output(resources, found, known, _Asked(_secret, own))


def _as_part(value: pulumi.Input[T]) -> pulumi.Input[T]:
    return value if isinstance(value, pulumi.Output) else flatten_input(value)


def _holds_outputs(value: object) -> bool:
    if isinstance(value, str):
        return False
    if isinstance(value, Mapping):
        return any(map(_holds_outputs, value.values()))
    if isinstance(value, Sequence):
        return any(map(_holds_outputs, value))
    return isinstance(value, pulumi.Output | Awaitable)


async def _resources(outputs: list[pulumi.Output[Any]]) -> set[pulumi.Resource]:
    return {resource for each in outputs for resource in await each.resources()}


async def _all_known(outputs: list[pulumi.Output[Any]]) -> bool:
    return all([await each.is_known() for each in outputs])


async def _secret(outputs: list[pulumi.Output[Any]]) -> bool:
    return any([await each.is_secret() for each in outputs])


async def _found(parts: list[Any]) -> list[Any]:
    return [await _value(part) for part in parts]


async def _first_after_all(parts: list[Any]) -> Any:  # noqa: ANN401 - any value
    value, *done = parts
    for each in done:
        await each.future()
    return await _value(value)


async def _value(part: pulumi.Input[T]) -> object:
    if not isinstance(part, pulumi.Output):
        return part
    value: object = await part.future(with_unknowns=True)
    return value if await part.is_known() or contains_unknowns(value) else UNKNOWN


class _Asked(Generic[T]):
    """An awaitable that begins only when it is awaited: an error before leaves no coroutine behind.

    Of one class and without closures: a large stack holds thousands of them, which the garbage collector visits.
    """

    __slots__ = ("_ask", "_of")

    def __init__(self, ask: Callable[[list[Any]], Coroutine[Any, Any, T]], of: list[Any]) -> None:
        self._ask, self._of = ask, of

    def __await__(self) -> Generator[Any, Any, T]:
        return self._ask(self._of).__await__()
