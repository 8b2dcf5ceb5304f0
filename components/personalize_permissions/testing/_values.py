"""Values as mocks and tests see them: secrets, unknown values, documents as text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from pulumi.runtime import rpc


@final
class Unknown:
    """A value that the engine knows only once it has made something else."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
"""An unknown value in the properties given to `policy_arguments`."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret value: in the properties given to `policy_arguments`, or among the outputs of another stack."""

    value: Any


def unwrap_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON-like value
    """Return the same value with every secret in it as its plain value."""
    if isinstance(value, Mapping):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:  # noqa: SLF001 - constants of the protocol
            return unwrap_secrets(value["value"])
        return {key: unwrap_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unwrap_secrets(item) for item in value]
    return value


def to_text(document: str | Mapping[str, object]) -> str:
    """Return a document as JSON text."""
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
