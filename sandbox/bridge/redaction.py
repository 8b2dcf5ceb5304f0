"""Keeps secret values out of what the provider says: its errors quote names and documents."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.bridge.process import ProviderError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.bridge.wire import Props

_HIDDEN: Final = "[secret]"


@contextmanager
def hidden(props: Props, secrets: Collection[str]) -> Iterator[None]:
    """Take the values of secret properties out of the message of a ProviderError that the block raises."""
    try:
        yield
    except ProviderError as error:
        error.args = (redact(str(error), props, secrets),)
        raise


def redact(text: str, props: Props, secrets: Collection[str]) -> str:
    """Return the text without the values of secret properties, longest first: one may hold another."""
    values = {value for name in secrets for value in _texts(props.get(name))}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, _HIDDEN)
    return text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and value:
        yield value
