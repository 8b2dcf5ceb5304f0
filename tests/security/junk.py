"""Values and texts that nobody should send, made of ones that somebody could."""

from __future__ import annotations

import copy
import json
from typing import Any

import hypothesis.strategies as st

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "\ud800",  # half a surrogate pair
            "\x00",
            "\ufeff",
            "\x1b[2J",
            "\u202e",
            "*" * 300,
            "${",
            "${aws:username}",
            "{" * 50,
            "[" * 2000,
            "arn:" * 90,
            "1" * 5000,
            "<script>",
            "%",
            "%ff",
            "a\nb",
            "2026-01-01",
            "true",
        ]
    ),
)
NUMBERS = st.sampled_from([0, -1, 10**30, 1e308, float("inf"), float("nan"), 0.5, 123456789012.0])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS


def nested(depth: int) -> Any:
    value: Any = "x"
    for level in range(depth):
        value = [value] if level % 2 else {"Statement": value}
    return value


VALUES = st.recursive(
    SCALARS | st.sampled_from([40, 200]).map(nested),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in members for place in places(item, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn, seed: Any, junk: st.SearchStrategy[Any] = VALUES) -> Any:
    """The seed with up to three of its values replaced, or given one more member."""
    value = copy.deepcopy(seed)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(value)))
        replacement = draw(junk)
        if not path:
            return replacement
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        if isinstance(parent, dict) and draw(st.booleans()):
            parent[draw(TEXTS)] = replacement
        else:
            parent[path[-1]] = replacement
    return value


@st.composite
def garbled(draw: st.DrawFn, seeds: list[str], pieces: list[str]) -> str:
    """A seed's text, cut, doubled, or with pieces put in."""
    text = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["cut", "double", "put", "put", "put", "replace"])):
            case "cut":
                text = text[:at]
            case "double":
                text = text[:at] + text
            case "put":
                text = text[:at] + draw(st.sampled_from(pieces) | TEXTS) + text[at:]
            case _:
                text = text[:at] + draw(st.sampled_from(pieces) | TEXTS) + text[at + 1 :]
    return text


def dumped(value: Any) -> str:
    """JSON text; what JSON does not have, such as infinity, as Python writes it."""
    return json.dumps(value)
