"""Small idioms around boto3 that every service needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.emulator.session import Client
    from sandbox.emulator.wire import Json

GONE: Final = frozenset(
    {
        "NoSuchEntity",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchTagSet",
        "NoSuchKey",
        "NotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
        "StackSetNotFoundException",
        "404",
    }
)
"""Error codes by which services say that a thing does not exist."""


def unless_gone(call: Callable[..., Json], **arguments: object) -> Json:
    """The call's answer, or None where the thing does not exist."""
    try:
        return call(**arguments)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in GONE:
            return None
        raise


def pages(client: Client, operation: str, key: str, **arguments: object) -> Iterator[Json]:
    """Every item of a listing, across its pages."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, [])


def tag_list(tags: Mapping[str, str] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """A map of tags in a service's list form."""
    return [{key: name, value: text} for name, text in (tags or {}).items()]


def tag_map(tags: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """A service's list of tags as a map."""
    return {tag[key]: tag[value] for tag in tags or []}
