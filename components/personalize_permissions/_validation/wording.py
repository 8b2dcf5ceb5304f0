"""Words for messages: what a value is, what to write in its place, which name is meant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pulumi


@dataclass(frozen=True, slots=True)
class Advice:
    """What is wrong with a text, and what follows from the text itself, which only its reader may see."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason}{self.detail}"


def describe_type(value: object) -> str:
    """Return what a value is, in words that every language shares."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case Mapping():
            return "an object"
        case Sequence():
            return "a list"
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"


def write_attribute(value: object, attribute: str) -> str:
    """Return what to write in place of a value that is not a string: of a resource, the output that is meant."""
    if isinstance(value, pulumi.Resource) and attribute and hasattr(type(value), attribute):
        return f"write its `.{attribute}`"
    return "write a string in quotes"


def nearest(text: object, allowed: Collection[str]) -> str:
    """Return a hint at the allowed word that is meant, or nothing."""
    import difflib  # noqa: PLC0415 - only a mistake needs it

    meant = _MEANT.get(str(text).lower().replace("_", ""), "")
    near = [word for word in allowed if word.lower().replace("_", "") == meant]
    near = near or difflib.get_close_matches(str(text).lower(), allowed, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


_MEANT: Final = MappingProxyType({"keyid": "keyarn", "kmskeyid": "keyarn"})
"""Names of arguments elsewhere, and those that are meant here, without regard to their spelling."""
