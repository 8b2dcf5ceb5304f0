"""Connections to moto: the one place where a boto3 client is made, none that reaches beyond loopback."""

from __future__ import annotations

import functools
import ipaddress
import os
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Client = Any
"""A boto3 client: boto3 makes their classes at run time."""

_SESSION_NAME: Final = "sandbox-emulator"
_PATIENCE_SECONDS: Final = 60
PATIENCE: Final = "PERSONALIZE_SANDBOX_AWS_PATIENCE"
"""Environment variable: the seconds after which a call that AWS does not answer is repeated; 60 without it."""


class UnsafeEndpointError(Exception):
    """The endpoint is missing or not loopback, so the emulator could reach a real account."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key as moto knows it; moto finds the account by it."""

    access_key: str = "sandbox"
    secret_key: str = "sandbox"  # noqa: S105 - moto checks no signature, so no secret is needed
    token: str | None = None


def loopback(url: str | None) -> str:
    """The endpoint itself, when it is plain loopback; raises UnsafeEndpointError otherwise."""
    host = urlsplit(url or "").hostname
    if host is None:
        raise UnsafeEndpointError(
            "AWS_ENDPOINT_URL is not set: the emulated aws provider only talks to moto on this machine"
        )
    if host == "localhost":
        return str(url)
    try:
        safe = ipaddress.ip_address(host).is_loopback
    except ValueError:
        safe = False
    if not safe:
        raise UnsafeEndpointError(f"the endpoint {url} is not loopback: the emulated aws provider refuses it")
    return str(url)


def connect(service: str, region: str, credentials: Credentials) -> Client:
    """A boto3 client for moto. The endpoint is checked each time; profiles, proxies and metadata are not consulted."""
    config = Config(
        proxies={},
        s3={"addressing_style": "path"},
        read_timeout=float(os.environ.get(PATIENCE, _PATIENCE_SECONDS)),
        retries={"mode": "standard", "max_attempts": 4},
        max_pool_connections=32,
        parameter_validation=True,
    )
    make: Callable[..., Any] = _session().client  # its overloads want each service's name as a literal
    with _MAKING:
        return make(
            service,
            region_name=region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            endpoint_url=loopback(os.environ.get("AWS_ENDPOINT_URL")),
            config=config,
        )


_MAKING: Final = threading.Lock()
"""A boto3 session makes one client at a time."""


@functools.cache
def _session() -> boto3.session.Session:
    """One for the whole process: each session reads AWS's endpoints anew, and a stack may have a hundred processes."""
    return boto3.session.Session()


@dataclass
class Account:
    """The account and region that one provider instance works in. Clients are made once and shared by its threads."""

    region: str = "us-east-1"
    credentials: Credentials = field(default_factory=Credentials)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    connector: Callable[[str, str, Credentials], Any] = connect

    def __post_init__(self) -> None:
        self._clients: dict[tuple[str, str], Client] = {}
        self._others: dict[str, Account] = {}
        self._names: dict[str, dict[str, str]] = {}
        self._made: set[tuple[str, str]] = set()
        self._lock = threading.RLock()

    def client(self, service: str, region: str | None = None) -> Client:
        """A client of this account for a service, in the provider's region unless another is named."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self.connector(service, key[1], self.credentials)
            return self._clients[key]

    def names(self, kind: str, listing: Iterable[str]) -> dict[str, str]:
        """Names that are taken, by their lower case. Listed once: a listing per creation would be quadratic."""
        with self._lock:
            if kind not in self._names:
                self._names[kind] = {name.lower(): name for name in listing}
            return self._names[kind]

    def remember_name(self, kind: str, name: str, *, taken: bool) -> None:
        """Keep the names up to date with what this provider makes and deletes."""
        with self._lock:
            (self._made.add if taken else self._made.discard)((kind, name))
            if kind in self._names and taken:
                self._names[kind][name.lower()] = name
            elif kind in self._names:
                self._names[kind].pop(name.lower(), None)

    def has_made(self, kind: str, name: str) -> bool:
        """Whether this provider made an entity of the name, so that it must appear."""
        with self._lock:
            return (kind, name) in self._made

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Who calls: `Account`, `Arn` and `UserId`, as STS answers."""
        return dict(self.client("sts").get_caller_identity())

    @property
    def account_id(self) -> str:
        """The account's twelve digits."""
        return self.identity["Account"]

    @property
    def partition(self) -> str:
        """The partition of the provider's region, such as `aws-cn`."""
        return partition_of(self.region)

    def of_account(self, account_id: str) -> Account:
        """The same region, seen from inside another account: what AWS itself sees when it resolves a principal."""
        if account_id == self.account_id:
            return self
        with self._lock:
            if account_id not in self._others:
                self._others[account_id] = self.assume(f"arn:{self.partition}:iam::{account_id}:role/{_SESSION_NAME}")
            return self._others[account_id]

    def assume(self, role_arn: str, session_name: str = _SESSION_NAME) -> Account:
        """The account and permissions of a role."""
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
        credentials = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
        return Account(self.region, credentials, self.default_tags, self.connector)


@functools.cache
def partition_of(region: str) -> str:
    """The partition of a region, by AWS's endpoint rules."""
    return str(_session().get_partition_for_region(region))
