"""Reads the members of what the AWS CLI printed; EvidenceError names a member that is something else."""

from collections.abc import Callable, Mapping
from typing import Any

Record = Mapping[str, Any]


class EvidenceError(ValueError):
    """A file cannot be used, or the files lack something; the message says what to do."""


def objects(record: Record, name: str) -> list[Record]:
    """Return a list of objects, empty where it is absent."""
    found: list[Record] | None = _read(record, name, "a list of objects", lambda value: _is_list_of(value, Mapping))
    return found or []


def names(record: Record, name: str) -> list[str]:
    """Return a list of names, empty where it is absent."""
    found: list[str] | None = _read(record, name, "a list of names", lambda value: _is_list_of(value, str))
    return found or []


def member(record: Record, name: str) -> Record:
    """Return an object, empty where it is absent."""
    found: Record | None = _read(record, name, "an object", lambda value: isinstance(value, Mapping))
    return found or {}


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _read(record: Record, name: str, expected: str, fits: Callable[[object], bool]) -> Any:  # noqa: ANN401 - it is JSON
    """Return a member, or None where it is absent; EvidenceError if the member has another type."""
    value = record.get(name)
    if value is None or fits(value):
        return value
    raise EvidenceError(f"{name} is not {expected}; write what the AWS CLI printed as it is")
