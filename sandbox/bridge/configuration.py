"""The provider resource's own inputs: which region and account an instance works in, all on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.bridge.values import MismatchError, object_to_terraform, unknown_properties
from sandbox.errors import SandboxError
from sandbox.safety import is_loopback

if TYPE_CHECKING:
    from sandbox.bridge.schema import Shape
    from sandbox.bridge.wire import Props

_ENGINE_OWN: Final = frozenset({"version", "pluginDownloadURL", "__internal", "__defaults", "parameterization"})
_MOTO: Final[Mapping[str, object]] = {
    "skip_metadata_api_check": "true",
    "skip_region_validation": True,
    "s3_use_path_style": True,
}
"""moto has no metadata service and any region, and answers for a bucket under its path."""
_RETRIES: Final = 5
"""As much patience as an account on this machine needs: the provider's own 25 wait for minutes where it is gone."""


def endpoint() -> str:
    """Return where AWS's calls go; SandboxError where that is not this machine."""
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    if not is_loopback(url):
        raise SandboxError(f"AWS_ENDPOINT_URL is '{url}': this provider only talks to moto on this machine")
    return url


def failures(shape: Shape, inputs: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the inputs that are refused, each with the reason."""
    try:
        values = _parsed(shape, inputs)
        object_to_terraform(shape, values)
    except ValueError as error:
        yield "", f"a structured provider input is not JSON: {error}"
        return
    except MismatchError as error:
        yield error.path, str(error)
        return
    for path, _ in unknown_properties(shape, values):
        yield path, f"unknown property '{path}'"
    for endpoints in values.get("endpoints") or []:
        for service, url in endpoints.items() if isinstance(endpoints, dict) else ():
            if not is_loopback(str(url)):
                yield f"endpoints.{service}", f"the endpoint {url} is not loopback: the sandbox refuses it"


def configuration(shape: Shape, inputs: Mapping[str, object]) -> dict[str, Any]:
    """Return the provider's configuration; MismatchError where an input is of another kind."""
    config = object_to_terraform(shape, _parsed(shape, inputs))
    config["region"] = config["region"] or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    config["max_retries"] = config["max_retries"] or _RETRIES
    return {**config, **_MOTO}


def _parsed(shape: Shape, inputs: Mapping[str, object]) -> Props:
    """Return the inputs with their JSON texts parsed: Pulumi sends all but strings of a provider as JSON text."""
    structured = {field.pulumi_name for field in shape.fields.values() if field.shape.kind != "string"}
    return {
        name: json.loads(value) if name in structured and isinstance(value, str) and value else value
        for name, value in inputs.items()
        if name not in _ENGINE_OWN
    }
