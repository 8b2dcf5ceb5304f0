"""Values as mocks and tests see them: marks of secrets taken off, documents as text."""

import json
from collections.abc import Mapping
from typing import Any

from pulumi.runtime import rpc


def unwrap_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON-like value
    """The same value with every secret in it as its plain value."""
    if isinstance(value, Mapping):
        if is_secret(value):
            return unwrap_secrets(value["value"])
        return {key: unwrap_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unwrap_secrets(item) for item in value]
    return value


def is_secret(value: object) -> bool:
    """Whether a value is a secret in the form that the engine's protocol has."""
    return isinstance(value, Mapping) and value.get(rpc._special_sig_key) == rpc._special_secret_sig  # noqa: SLF001 - the protocol's constants have no public name


def to_text(document: str | Mapping[str, object]) -> str:
    """A document as JSON text."""
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
