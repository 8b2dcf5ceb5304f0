"""What a failed lookup tells, worded as the real provider and the emulated one word it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from personalize_permissions import PersonalizePermissions
from personalize_permissions._runtime.lookup_errors import error_summary, is_wrong_region
from personalize_permissions.testing import PermissionsMocks, run

if TYPE_CHECKING:
    from pulumi.runtime import MockCallArgs

START = "invoking aws:s3/getBucketPolicy:getBucketPolicy returned an error: "
REAL = (
    START + "1 error occurred:\n\t* reading S3 Bucket (data) Policy: operation error S3: GetBucketPolicy, "
    "https response error StatusCode: {status}, RequestID: {request}, HostID: {request}+/=, {cause}\n\n"
)
REDIRECT = "api error PermanentRedirect: The bucket must be addressed using the specified endpoint."


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (
            REAL.format(status=403, request="{}", cause="api error AccessDenied: Access Denied"),
            "AccessDenied: Access Denied",
        ),
        (REAL.format(status=301, request="{}", cause=REDIRECT), REDIRECT.removeprefix("api error ")),
        (
            REAL.format(status=0, request="{}", cause='request send failed, Get "https://data.s3.amazonaws.com": EOF'),
            (
                "reading S3 Bucket (data) Policy: operation error S3: GetBucketPolicy, https response error "
                'StatusCode: 0, request send failed, Get "https://data.s3.amazonaws.com": EOF'
            ),
        ),
        (
            START + "1 error occurred:\n\t* reading S3 Bucket (data) Policy: AccessDenied: Access Denied",
            "reading S3 Bucket (data) Policy: AccessDenied: Access Denied",
        ),
    ],
    ids=["refused", "another region", "no answer", "emulated"],
)
def test_the_cause_alone_is_reported_the_same_in_every_run(error: str, summary: str) -> None:
    assert {error_summary(RuntimeError(error.format(request, request))) for request in ("7QZ1", "ABCD")} == {summary}


@pytest.mark.parametrize(
    ("cause", "wrong"),
    [
        (REDIRECT, True),
        (
            (
                "api error AuthorizationHeaderMalformed: The authorization header is malformed; the region 'us-east-1' is "
                "wrong; expecting 'eu-west-1'"
            ),
            True,
        ),
        ("api error AccessDenied: Access Denied", False),
    ],
)
def test_a_bucket_in_another_region_is_distinguished_from_a_refusal(cause: str, wrong: bool) -> None:
    assert is_wrong_region(RuntimeError(REAL.format(status=400, request="7QZ1", cause=cause))) is wrong


class Closing(PermissionsMocks):
    """An engine that closes while lookups are under way."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {}, [("", f"invocation of {args.token} returned an error: grpc: the client connection is closing")]


def test_an_engine_that_closes_is_no_fault_of_the_component() -> None:
    recorded = run(
        lambda: PersonalizePermissions("recs", {"buckets": [{"bucket": "training-data", "uses": ["import"]}]}),
        Closing(),
    )
    assert recorded.resources  # and no error is raised
