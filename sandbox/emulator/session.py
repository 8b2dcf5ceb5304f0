"""Connections to moto: the one place where a boto3 client is made, none that reaches beyond this machine."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.bridge.configuration import endpoint

Client = Any
"""A boto3 client: boto3 makes their classes at run time."""

PATIENCE: Final = "PERSONALIZE_SANDBOX_AWS_PATIENCE"
"""Environment variable: the seconds after which a call that AWS does not answer is repeated; 60 without it."""
GONE: Final = frozenset(
    {"NoSuchEntity", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchTagSet", "NotFoundException", "404"}
)
"""Error codes by which services say that a thing does not exist."""
_MAKING: Final = threading.Lock()
"""A boto3 session makes one client at a time."""


class AwsError(Exception):
    """A refusal by AWS or by the provider, in the provider's words; `code` is AWS's."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class Account:
    """The account and region that a configured provider works in, and its default tags."""

    region: str
    credentials: Mapping[str, str] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    retries: int = 3

    @cached_property
    def _clients(self) -> dict[str, Client]:
        return {}

    def client(self, service: str) -> Client:
        """Return the client of a service; clients are made once and shared by threads."""
        with _MAKING:
            if service not in self._clients:
                self._clients[service] = self._connect(service)
            return self._clients[service]

    def call(self, service: str, operation: str, **parameters: object) -> Any:  # noqa: ANN401 - whatever AWS answers
        """Call AWS, parameters that are None left out; AwsError where it refuses."""
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            return getattr(self.client(service), operation)(**given)
        except (BotoCoreError, ClientError) as error:
            raise _refusal(error, self.client(service)) from error

    def find(self, service: str, operation: str, **parameters: object) -> Any:  # noqa: ANN401 - whatever AWS answers
        """Call AWS; None where the thing does not exist."""
        try:
            return self.call(service, operation, **parameters)
        except AwsError as error:
            if error.code in GONE:
                return None
            raise

    def pages(self, service: str, operation: str, key: str, **parameters: object) -> list[Any]:
        """Return every item of a listing; none where the thing that has them does not exist."""
        try:
            pages = self.client(service).get_paginator(operation).paginate(**parameters)
            return [item for page in pages for item in page.get(key, [])]
        except (BotoCoreError, ClientError) as error:
            refusal = _refusal(error, self.client(service))
            if refusal.code in GONE:
                return []
            raise refusal from error

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Who calls: `Account`, `Arn` and `UserId`."""
        return dict(self.call("sts", "get_caller_identity"))

    @property
    def partition(self) -> str:
        """The partition of the region, such as `aws-cn`."""
        return str(_session().get_partition_for_region(self.region))

    def assume(self, role_arn: str, session_name: str | None) -> Account:
        """Return the account of a role."""
        named = {"RoleArn": role_arn, "RoleSessionName": session_name or "terraform"}
        found = self.call("sts", "assume_role", **named)["Credentials"]
        credentials = {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }
        return Account(self.region, credentials, self.default_tags, self.retries)

    def _connect(self, service: str) -> Client:
        config = Config(
            proxies={},
            s3={"addressing_style": "path"},
            read_timeout=float(os.environ.get(PATIENCE, "60")),
            retries={"mode": "standard", "total_max_attempts": self.retries + 1},
            max_pool_connections=32,
        )
        make: Callable[..., Client] = _session().client  # its overloads want each service's name as a literal
        client = make(service, region_name=self.region, endpoint_url=endpoint(), config=config, **self.credentials)
        if service == "s3":
            client.meta.events.register("before-call.s3", _follow_no_redirect)
        return client


def _follow_no_redirect(context: dict[str, Any], **_: object) -> None:
    """Tell boto3 that it has followed one already: the provider's SDK follows none."""
    context.get("s3_redirect", {})["redirected"] = True


def _refusal(error: BotoCoreError | ClientError, client: Client) -> AwsError:
    """Return an error in the words of AWS's SDK for Go; one that its operation does not declare is an `api error`."""
    if not isinstance(error, ClientError):
        return AwsError(f"{type(error).__name__}: {error}")
    detail, answer = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code, model = detail.get("Code", "Unknown"), client.meta.service_model
    declared = {shape.error_code for shape in model.operation_model(error.operation_name).error_shapes}
    request = f"StatusCode: {answer.get('HTTPStatusCode')}, RequestID: {answer.get('RequestId', '')}, "
    host = f"HostID: {answer.get('HostId', '')}, " if model.service_name == "s3" else ""
    known = "" if code in declared else "api error "
    return AwsError(
        f"operation error {model.service_id}: {error.operation_name}, https response error {request}{host}"
        f"{known}{code}: {detail.get('Message', '')}",
        code,
    )


@functools.cache
def _session() -> boto3.session.Session:
    """Return one session for the whole process: each reads AWS's endpoints anew."""
    return boto3.session.Session()
