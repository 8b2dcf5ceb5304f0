"""The policy that a bucket has now."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from personalize_permissions._runtime.lookup_errors import error_summary, is_engine_closing, is_wrong_region, unanswered
from personalize_permissions._runtime.outputs import resolve_after

_NO_BUCKET: Final = re.compile(r"couldn't find resource|NoSuchBucket\b|NotFound\b|StatusCode: 404")
_NO_POLICY: Final = re.compile(r"couldn't find resource|NoSuchBucketPolicy|NoSuchBucket\b|empty result")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A policy that could not be looked up."""

    cause: str
    wrong_region: bool
    """Whether the bucket is in another region than the provider."""

    @classmethod
    def of(cls, error: Exception) -> "pulumi.Input[Unreadable]":
        """Return what a failed lookup of a bucket policy means; raise any other error again."""
        if is_engine_closing(error):
            return unanswered()
        if "getBucketPolicy" not in str(error):
            raise error
        return cls(error_summary(error), is_wrong_region(error))


def live_bucket_policy(
    component: pulumi.Resource, bucket: pulumi.Input[str], registered: Sequence[pulumi.Output[str]]
) -> pulumi.Output[str | Unreadable | None]:
    """Return the JSON of the policy that the bucket has now; None where there is none, or no bucket yet.

    The lookup waits for the URNs of what is `registered` first, and so for everything that they depend on.
    """

    def unread(error: Exception) -> pulumi.Input[Unreadable | None]:
        return None if _NO_POLICY.search(str(error)) else Unreadable.of(error)

    if registered or not isinstance(bucket, str):
        # A lookup does not run in a preview while a resource that its arguments depend on is not made yet.
        bucket = resolve_after(bucket, *registered, depends_on=())
    found = aws.s3.get_bucket_policy_output(bucket=bucket, opts=pulumi.InvokeOutputOptions(parent=component))
    policy: pulumi.Output[str | Unreadable | None] = found.apply(lambda known: known.policy)
    return policy.recover(unread)


def refuse_missing(component: pulumi.Resource, bucket: str, refusal: Callable[[], Exception]) -> pulumi.Output[object]:
    """Return an output that fails with `refusal` where there is no such bucket, not where that cannot be looked up."""

    def refuse(error: Exception) -> None:
        if _NO_BUCKET.search(str(error)):
            raise refusal() from None

    found: pulumi.Output[object] = aws.s3.get_bucket_output(
        bucket=bucket, opts=pulumi.InvokeOutputOptions(parent=component)
    )
    return found.recover(refuse)
