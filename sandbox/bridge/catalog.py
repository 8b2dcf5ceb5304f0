"""The types that a provider has. Its answer of five megabytes is asked for once and kept: a stack may start many."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.bridge.names import terraform_type
from sandbox.bridge.process import Process, ProviderError
from sandbox.bridge.protocol import MESSAGES, Message
from sandbox.bridge.schema import Shape, object_shape
from sandbox.errors import SandboxError
from sandbox.paths import cache

if TYPE_CHECKING:
    from sandbox.bridge.binary import Binary


@dataclass(frozen=True, slots=True)
class Type:
    """A resource type or data source by its Terraform name."""

    name: str
    version: int
    shape: Shape


class Catalog:
    """The provider's own configuration, its resource types and its data sources."""

    def __init__(self, answer: Message) -> None:
        self.provider = object_shape(answer.provider.block)
        self._resources = {each.key: each.value for each in answer.resources}
        self._data_sources = {each.key: each.value for each in answer.data_sources}

    @functools.cache  # noqa: B019 - one catalog lives as long as its process
    def resource(self, token: str) -> Type:
        """Return the resource type behind a token; UnknownTypeError where there is none."""
        return _type(token, self._resources)

    @functools.cache  # noqa: B019 - the same
    def data_source(self, token: str) -> Type:
        """Return the data source behind a function's token; UnknownTypeError where there is none."""
        return _type(token, self._data_sources)


def load(binary: Binary) -> Catalog:
    """Return what is kept of the binary, else ask it; SandboxError where it does not answer."""
    kept = _kept(binary)
    try:
        return Catalog(MESSAGES["GetSchemaAnswer"].FromString(kept.read_bytes()))
    except OSError:
        pass
    process = Process(binary)
    try:
        answer = process.call("GetSchema")
    except ProviderError as error:
        raise SandboxError(f"{binary.path} does not tell its types: {error}") from error
    finally:
        process.stop()
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"{kept.name}.{os.getpid()}")
    unfinished.write_bytes(answer.SerializeToString())
    unfinished.rename(kept)
    return Catalog(answer)


def _kept(binary: Binary) -> Path:
    """Return the file of the cache for exactly this binary."""
    facts = binary.path.stat()
    return cache() / "terraform" / f"{binary.path.name}-{facts.st_size}-{facts.st_mtime_ns}.schema"


def _type(token: str, known: dict[str, Message]) -> Type:
    name = terraform_type(token, known)
    return Type(name, known[name].version, object_shape(known[name].block, name))
