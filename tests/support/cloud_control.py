"""Cloud Control for one type, AWS::Personalize::DatasetGroup, which moto does not have: on loopback, for one test."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND: Final = "AWS::Personalize::DatasetGroup"
SCHEMA: Final = {
    "typeName": KIND,
    "description": "A dataset group",
    "properties": {name: {"type": "string"} for name in ("DatasetGroupArn", "Name", "RoleArn", "KmsKeyArn")},
    "required": ["Name"],
    "createOnlyProperties": [f"/properties/{name}" for name in ("Name", "RoleArn", "KmsKeyArn")],
    "readOnlyProperties": ["/properties/DatasetGroupArn"],
    "primaryIdentifier": ["/properties/DatasetGroupArn"],
    "additionalProperties": False,
}


class CloudControl:
    """The dataset groups of an account. It refuses a role for some seconds after it has first seen it."""

    def __init__(self, not_assumable_for: float) -> None:
        self.groups: dict[str, dict[str, str]] = {}
        self.refused = 0
        """How often a role could not be assumed."""
        self._delay = not_assumable_for
        self._seen: dict[str, float] = {}
        self._events: dict[str, dict[str, Any]] = {}
        self.address = ""

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """What a call returns; None where there is no such thing."""
        if operation == "GetResourceRequestStatus":
            return {"ProgressEvent": self._events[asked["RequestToken"]]}
        if operation == "CreateResource":
            return {"ProgressEvent": self._create(json.loads(asked["DesiredState"]))}
        arn = asked["Identifier"]
        if arn not in self.groups:
            return None
        if operation == "GetResource":
            described = {"Identifier": arn, "Properties": json.dumps(self.groups[arn])}
            return {"TypeName": KIND, "ResourceDescription": described}
        assert operation == "DeleteResource"
        del self.groups[arn]
        return {"ProgressEvent": self._event("DELETE", arn)}

    def _create(self, wanted: dict[str, str]) -> dict[str, Any]:
        since = time.monotonic() - self._seen.setdefault(wanted["RoleArn"], time.monotonic())
        arn = f"arn:aws:personalize:us-east-1:123456789012:dataset-group/{wanted['Name']}"
        if since < self._delay:
            self.refused += 1
            return self._event("CREATE", "", f"Unable to assume role {wanted['RoleArn']}")
        self.groups[arn] = {**wanted, "DatasetGroupArn": arn}
        return self._event("CREATE", arn)

    def _event(self, operation: str, arn: str, failure: str = "") -> dict[str, Any]:
        token = str(len(self._events))
        event = {"TypeName": KIND, "RequestToken": token, "Operation": operation, "EventTime": time.time()}
        event |= {"OperationStatus": "FAILED" if failure else "SUCCESS", **({"Identifier": arn} if arn else {})}
        event |= {"ErrorCode": "InvalidRequest", "StatusMessage": failure} if failure else {}
        self._events[token] = event
        return event


@contextmanager
def serving(not_assumable_for: float = 0) -> Iterator[CloudControl]:
    """Serve Cloud Control, and CloudFormation's description of the type, until the block ends."""
    control = CloudControl(not_assumable_for)

    class Handler(BaseHTTPRequestHandler):
        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing of each request."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            if not target:
                described = (
                    f"<Schema>{escape(json.dumps(SCHEMA))}</Schema><Type>RESOURCE</Type><TypeName>{KIND}</TypeName>"
                )
                text = (
                    f"<DescribeTypeResponse><DescribeTypeResult>{described}</DescribeTypeResult></DescribeTypeResponse>"
                )
                self._send(200, "text/xml", text)
            elif (found := control.answer(target.split(".")[-1], json.loads(body))) is not None:
                self._send(200, "application/x-amz-json-1.0", json.dumps(found))
            else:
                self._send(400, "application/x-amz-json-1.0", json.dumps({"__type": "ResourceNotFoundException"}))

        def _send(self, status: int, kind: str, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    control.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield control
    finally:
        server.shutdown()
        server.server_close()
