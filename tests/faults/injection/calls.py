"""What a request to AWS asks for, read from its wire form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from email.message import Message

_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]*/(?P<service>[a-z0-9-]+)/aws4_request")
_TARGETS: Final = ("RoleName", "UserName", "GroupName", "PolicyName", "PolicyArn")
"""Parameters of IAM that name what a call is about, the most telling first."""
_READS: Final = ("Get", "List", "Head", "Describe")
_S3_PARTS: Final = ("policy", "location", "tagging", "versioning", "encryption", "versions")
_S3_VERBS: Final = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "POST": "Post", "HEAD": "Head"}
_S3_BUCKET: Final = {"GET": "ListObjects", "PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an API: service and operation as IAM policies write them, and what it is about."""

    service: str
    operation: str
    target: str = ""
    """The name of the role, user, group, policy or bucket, or the key; empty where there is none."""

    @property
    def action(self) -> str:
        """Such as `iam:CreateRole`."""
        return f"{self.service}:{self.operation}"

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.service != "sts" and not self.operation.startswith(_READS)


def read(method: str, path: str, headers: Message, body: bytes) -> Call | None:
    """The call that a signed request makes; None for requests that are none, such as moto's own."""
    scope = _SCOPE.search(headers.get("Authorization", ""))
    if scope is None:
        return None
    service = scope["service"]
    if service == "s3":
        return _s3(method, path)
    if target := headers.get("X-Amz-Target"):
        about = json.loads(body or b"{}")
        return Call(service, target.rsplit(".", 1)[-1], str(about.get("KeyId", "")))
    parameters = parse_qs(body.decode())
    named = next((parameters[name][0] for name in _TARGETS if name in parameters), "")
    return Call(service, parameters.get("Action", [""])[0], named)


def _s3(method: str, path: str) -> Call:
    parts = urlsplit(path)
    bucket, _, key = unquote(parts.path).removeprefix("/").partition("/")
    asked = parse_qs(parts.query, keep_blank_values=True)
    if not bucket:
        return Call("s3", "ListBuckets")
    if key:
        return Call("s3", f"{_S3_VERBS[method]}Object", bucket)
    part = next((part for part in _S3_PARTS if part in asked), None)
    return Call("s3", f"{_S3_VERBS[method]}Bucket{part.capitalize()}" if part else _S3_BUCKET[method], bucket)
