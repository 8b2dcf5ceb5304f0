"""Builds the environment of every engine call, which reaches no real account or backend, whoever is logged in."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from sandbox.errors import SandboxError

_THEIRS: Final = ("AWS_", "PULUMI_", "BOTO_", "ARM_", "GOOGLE_")
"""Prefixes of variables that may name a real account or backend: none of them is passed on."""
_FORBIDDEN: Final = ("PULUMI_ACCESS_TOKEN", "AWS_PROFILE", "AWS_SESSION_TOKEN")
_NO_PROXY: Final = "127.0.0.1,localhost"
REGION: Final = "us-east-1"
PASSPHRASE: Final = "sandbox"  # noqa: S105 - protects nothing: the sandbox holds no real secret


def engine_environment(
    home: Path, backend: Path, endpoint: str, path: list[Path], more: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return the engine's variables: a home and file backend of its own, dummy keys, and moto for every AWS call.

    SandboxError if the caller's own variables, `more`, would lead it elsewhere.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_THEIRS)}
    environment = {
        **inherited,
        "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_COMMANDS": "true",  # the event log is one of them
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": _NO_PROXY,
        "no_proxy": _NO_PROXY,  # some read the one, some the other
        **more,
    }
    refuse_unsafe(environment)
    return environment


def refuse_unsafe(environment: Mapping[str, str]) -> None:
    """Raise SandboxError where a call with this environment could reach beyond this machine."""
    files = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    faults = {
        "AWS_ENDPOINT_URL is not a loopback address": not is_loopback(environment.get("AWS_ENDPOINT_URL", "")),
        "PULUMI_BACKEND_URL is not a folder": not environment.get("PULUMI_BACKEND_URL", "").startswith("file:///"),
        "AWS_ACCESS_KEY_ID is not the sandbox's dummy": environment.get("AWS_ACCESS_KEY_ID") != "sandbox",
        "AWS's configuration files could be read": any(environment.get(name) != os.devnull for name in files),
    }
    for name, value in environment.items():
        elsewhere = name.startswith("AWS_ENDPOINT_URL_") and not is_loopback(value)
        faults[f"{name} would take AWS calls of one service elsewhere"] = elsewhere
        faults[f"{name} is set"] = name in _FORBIDDEN and bool(value)
    if any(faults.values()):
        raise SandboxError(f"The sandbox refuses to run: {'; '.join(name for name in faults if faults[name])}.")


def is_loopback(address: str) -> bool:
    """Return whether a URL leads to this machine and nowhere else."""
    host = urlsplit(address).hostname
    if not host:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
