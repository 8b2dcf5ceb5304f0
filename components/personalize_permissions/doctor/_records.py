"""Reads the members of what the AWS CLI printed; EvidenceError names a member that is something else."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Record = Mapping[str, Any]
T = TypeVar("T")


class EvidenceError(ValueError):
    """A file cannot be used, or the files lack something; the message says what to do."""


def objects(record: Record, name: str) -> list[Record]:
    """Return a list of objects, empty where it is absent."""
    return _read(record, name, "a list of objects", lambda value: _is_list_of(value, Mapping), [])


def names(record: Record, name: str) -> list[str]:
    """Return a list of names, empty where it is absent."""
    return _read(record, name, "a list of names", lambda value: _is_list_of(value, str), [])


def member(record: Record, name: str) -> Record:
    """Return an object, empty where it is absent."""
    return _read(record, name, "an object", lambda value: isinstance(value, Mapping), {})


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _read(record: Record, name: str, expected: str, fits: Callable[[object], bool], absent: T) -> T:
    """Return a member, or `absent`; EvidenceError if the member has another type."""
    value: T | None = record.get(name)
    if value is not None and not fits(value):
        raise EvidenceError(f"{name} is not {expected}; write what the AWS CLI printed as it is")
    return absent if value is None else value
