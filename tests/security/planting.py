"""A word that is nowhere else, put into every place of a document in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

WORD = "pineapple"


def planted(value: Any, word: str = WORD, *, keys: bool = True) -> Iterator[Any]:
    """The value with the word in one of its texts, once for each; with `keys`, also in each name of a member."""
    if isinstance(value, str):
        yield value + word
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for one in planted(item, word, keys=keys):
                yield [*value[:index], one, *value[index + 1 :]]
    elif isinstance(value, dict):
        for key, item in value.items():
            if keys:
                yield {(name + word if name == key else name): each for name, each in value.items()}
            for one in planted(item, word, keys=keys):
                yield {**value, key: one}
