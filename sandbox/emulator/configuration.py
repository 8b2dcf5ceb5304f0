"""The provider resource's own inputs: which region and account an instance works in."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from sandbox.emulator import schema
from sandbox.emulator.errors import AwsError
from sandbox.emulator.schema import Failure
from sandbox.emulator.session import Account, Credentials, UnsafeEndpointError, loopback
from sandbox.emulator.wire import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.emulator.wire import Props

_ENGINE_OWN = frozenset({"version", "pluginDownloadURL", "__internal", "__defaults", "parameterization"})


def parsed(inputs: Mapping[str, object]) -> Props:
    """The inputs with their JSON texts parsed: Pulumi sends everything but strings of a provider as JSON text."""
    known = schema.provider().inputs
    values: Props = {}
    for name, value in inputs.items():
        if name in _ENGINE_OWN:
            continue
        structured = name in known and known[name].shape.kind != "string"
        values[name] = json.loads(value) if structured and isinstance(value, str) and value else value
    return values


def failures(inputs: Mapping[str, object]) -> list[Failure]:
    """Why the provider's inputs are refused."""
    try:
        values = parsed(inputs)
    except ValueError as error:
        return [Failure("", f"a structured provider input is not JSON: {error}")]
    found = schema.failures(schema.provider(), values)
    for endpoint in values.get("endpoints") or []:
        for service, url in endpoint.items() if isinstance(endpoint, dict) else ():
            try:
                loopback(url if isinstance(url, str) else None)
            except UnsafeEndpointError as error:
                found.append(Failure(f"endpoints.{service}", str(error)))
    return found


def account(inputs: Mapping[str, object]) -> Account:
    """The account that the inputs lead to, roles assumed one after another; AwsError when they lead nowhere."""
    values = parsed(inputs)
    region = _known(values.get("region")) or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise AwsError("MissingRegion", "invalid AWS Region: set aws:region or AWS_REGION")
    credentials = Credentials(
        _known(values.get("accessKey")) or os.environ.get("AWS_ACCESS_KEY_ID", "sandbox"),
        _known(values.get("secretKey")) or os.environ.get("AWS_SECRET_ACCESS_KEY", "sandbox"),
        _known(values.get("token")) or os.environ.get("AWS_SESSION_TOKEN"),
    )
    result = Account(region, credentials, _default_tags(values.get("defaultTags")))
    for role in values.get("assumeRoles") or []:
        if _known(role.get("roleArn")):
            result = result.assume(role["roleArn"], role.get("sessionName") or "pulumi")
    allowed, forbidden = values.get("allowedAccountIds"), values.get("forbiddenAccountIds")
    if allowed and UNKNOWN not in allowed and result.account_id not in allowed:
        raise AwsError("InvalidAccount", f"AWS account ID not allowed: {result.account_id}")
    if forbidden and result.account_id in forbidden:
        raise AwsError("InvalidAccount", f"AWS account ID not allowed: {result.account_id}")
    return result


def _default_tags(value: object) -> dict[str, str]:
    tags = value.get("tags") if isinstance(value, dict) else None
    return {str(name): str(item) for name, item in tags.items()} if isinstance(tags, dict) else {}


def _known(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
