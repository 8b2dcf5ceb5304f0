"""Types of arguments that only type checkers read."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

import pulumi

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Maybe = pulumi.Input[T] | None
"""A value that may be None, as a setting that is missing from the configuration is."""


class Strings(Protocol[T_co]):
    """A sequence of strings, but not one string, whose `__contains__` takes strings only."""

    def __contains__(self, item: object, /) -> bool: ...
    def __getitem__(self, index: int, /) -> T_co: ...
    def __iter__(self) -> Iterator[T_co]: ...
    def __len__(self) -> int: ...
