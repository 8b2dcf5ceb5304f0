"""A gate before moto: it lets through what a policy allows, refuses the rest as AWS does, and keeps what was asked.

So an update goes through only where the policy of whoever runs it holds all that it takes, on the right resources and
under the right conditions, which moto itself does not look at.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from personalize_guardrails.iam import PolicyDocument
from personalize_guardrails.iam.evaluation import Caller, Policies, Request, evaluate, statements_of
from sandbox.cloud import ACCOUNT, Cloud

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient

# What the emulated provider asks for on its own account: AWS looks it up inside, when it is asked for something else.
IN_PLACE_OF_AWS = (
    ("s3:ListBucket", r".*", "whether a bucket exists, before its policy is put"),
    ("iam:GetUser", r".*", "whether a user exists, before a policy is attached"),
    ("iam:GetGroup", r".*", "the same for a group"),
    ("iam:GetRole", r".*:role/role-.*", "the same for a role"),
    ("iam:GetPolicy", r".*:policy/boundary|arn:aws:iam::aws:.*", "whether a policy exists that is not the stack's own"),
    ("iam:ListEntitiesForPolicy", r".*", "whether a policy is attached to somebody, before it is deleted"),
    ("iam:ListRoles", r"\*", "whether a name is taken in another case"),
    ("iam:ListPolicies", r"\*", "the same for a policy"),
)


@dataclass(frozen=True)
class Asked:
    """One call: what IAM would decide about."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    @property
    def in_place_of_aws(self) -> bool:
        return any(self.action == action and re.fullmatch(on, self.resource) for action, on, _ in IN_PLACE_OF_AWS)

    def allowed_by(self, policy: PolicyDocument) -> bool:
        caller = Caller.identity(f"arn:aws:iam::{ACCOUNT}:user/deployer")
        request = Request.of(caller, self.action, self.resource, dict(self.context))
        return bool(evaluate(request, Policies(identity=statements_of(policy, "the policy"))))


@dataclass
class Gate:
    cloud: Cloud
    policy: PolicyDocument
    asked: list[Asked] = field(default_factory=list)
    refused: list[Asked] = field(default_factory=list)
    endpoint: str = ""

    def admits(self, asked: Asked) -> bool:
        self.asked.append(asked)
        # GetCallerIdentity needs no permission.
        if asked.action == "sts:GetCallerIdentity" or asked.in_place_of_aws or asked.allowed_by(self.policy):
            return True
        self.refused.append(asked)
        return False


@contextmanager
def gate(cloud: Cloud, policy: PolicyDocument) -> Iterator[Gate]:
    """A gate that is open while the block runs."""
    one, iam, kept = Gate(cloud, policy), cloud.iam(), threading.local()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one packet
        disable_nagle_algorithm = True

        def log_request(self, *args: object) -> None:
            """Say nothing of each request."""

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = _asked(iam, self.command, self.path, self.headers.get("X-Amz-Target", ""), body)
            if not one.admits(asked):
                self._answer(403, *_denial(asked))
                return
            if not hasattr(kept, "upstream"):
                kept.upstream = http.client.HTTPConnection("127.0.0.1", cloud.port)
            kept.upstream.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = kept.upstream.getresponse()
            self._answer(answer.status, answer.getheader("Content-Type") or "text/plain", answer.read())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.wfile.flush()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815 - names of the standard library

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _denial(asked: Asked) -> tuple[str, bytes]:
    message = f"User: arn:aws:iam::{ACCOUNT}:user/deployer is not authorized to perform: {asked.action}"
    if asked.action.startswith("kms:"):
        return "application/x-amz-json-1.1", json.dumps(
            {"__type": "AccessDeniedException", "message": message}
        ).encode()
    if asked.action.startswith("s3:"):
        return "application/xml", f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>".encode()
    inner = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    return "text/xml", f"<ErrorResponse>{inner}<RequestId>none</RequestId></ErrorResponse>".encode()


def _asked(iam: IAMClient, method: str, path: str, target: str, body: bytes) -> Asked:
    if target:
        return Asked(f"kms:{target.rsplit('.', 1)[-1]}", _key(json.loads(body or b"{}")))
    parameters = dict(parse_qsl(body.decode()))
    if "Action" not in parameters:
        return _asked_of_s3(method, path)
    action = parameters["Action"]
    if action in {"GetCallerIdentity", "AssumeRole"}:
        return Asked(f"sts:{action}", "*")
    return _asked_of_iam(iam, action, parameters)


def _asked_of_s3(method: str, path: str) -> Asked:
    where = urlsplit(path)
    bucket = f"arn:aws:s3:::{where.path.strip('/').split('/')[0]}"
    names = {"GET": "s3:GetBucketPolicy", "PUT": "s3:PutBucketPolicy", "DELETE": "s3:DeleteBucketPolicy"}
    if method == "HEAD":
        return Asked("s3:ListBucket", bucket)  # HeadBucket
    return Asked(names[method] if "policy" in where.query else f"s3:{method} {path}", bucket)


def _key(body: dict[str, str]) -> str:
    key = body.get("KeyId", "")
    return key if key.startswith("arn:") else f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}"


def _asked_of_iam(iam: IAMClient, action: str, given: dict[str, str]) -> Asked:
    context, resource = {}, "*"
    start = f"arn:aws:iam::{ACCOUNT}"
    if action in {"CreateRole", "CreatePolicy"}:
        kind = action.removeprefix("Create")
        resource = f"{start}:{kind.lower()}{given.get('Path', '/')}{given[f'{kind}Name']}"
    elif "RoleName" in given:
        try:
            role = iam.get_role(RoleName=given["RoleName"])["Role"]
        except iam.exceptions.NoSuchEntityException:
            role = {"Arn": f"{start}:role/{given['RoleName']}"}  # type: ignore[assignment]
        resource = role["Arn"]
        if boundary := role.get("PermissionsBoundary"):
            context["iam:PermissionsBoundary"] = boundary["PermissionsBoundaryArn"]
    elif "UserName" in given or "GroupName" in given:
        kind = "user" if "UserName" in given else "group"
        resource = f"{start}:{kind}/{given[f'{kind.capitalize()}Name']}"
    elif "PolicyArn" in given:
        resource = given["PolicyArn"]
    if action.startswith(("Attach", "Detach")):
        context["iam:PolicyARN"] = given["PolicyArn"]
    if "PermissionsBoundary" in given:
        context["iam:PermissionsBoundary"] = given["PermissionsBoundary"]
    return Asked(f"iam:{action}", resource, tuple(sorted(context.items())))
