"""Puts the rules in front of moto's answers. A refusal is written by moto itself, in the form of the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse
from moto.kms.responses import KmsResponse
from moto.s3.responses import S3Response

from sandbox.account import iam, kms, mends, s3
from sandbox.account.call import Call, RefusedError

Response = Any
"""One of moto's responses to a request: it knows the request, and moto has no types."""


@cache
def install() -> None:
    """Check every call of IAM, S3 and KMS from here on, and mend moto."""
    mends.install()
    _guard(IamResponse, "call_action", lambda response: iam.refuse(_call(response, response.params)))
    _guard(KmsResponse, "call_action", lambda response: kms.refuse(_call(response, json.loads(response.body))))
    for method in ("_bucket_response", "_key_response"):
        _guard(S3Response, method, lambda response: s3.refuse(_s3_call(response)))


def _guard(kind: type, method: str, check: Callable[[Response], None]) -> None:
    """Run `check` on each response of the kind before moto's method makes it."""
    answer = getattr(kind, method)

    @wraps(answer)
    def guarded(response: Response, *arguments: object) -> object:
        try:
            check(response)
        except RefusedError as refusal:
            status, headers, body = response.serialized(ActionResult(refusal))
            return refusal.status or status, {**headers, **refusal.headers}, body
        return answer(response, *arguments)

    setattr(kind, method, guarded)


def _call(response: Response, parameters: dict[str, Any]) -> Call:
    return Call(str(response._get_action()), parameters, response.current_account, response.region)  # noqa: SLF001


def _s3_call(response: Response) -> Call:
    call = _call(response, {"Bucket": response.bucket_name})
    if call.operation == "PutBucketPolicy":
        call.parameters["Policy"] = response.body.decode()
    return call
