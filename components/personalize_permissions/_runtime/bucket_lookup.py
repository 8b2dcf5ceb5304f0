"""The policy that a bucket has now."""

import re
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from personalize_permissions._runtime.lookup_errors import error_summary, is_wrong_region
from personalize_permissions._runtime.outputs import resolve_after

_NO_POLICY: Final = re.compile(r"couldn't find resource|NoSuchBucketPolicy|NoSuchBucket\b|empty result")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A policy that could not be looked up."""

    cause: str
    wrong_region: bool
    """Whether the bucket is in another region than the provider."""

    @classmethod
    def of(cls, error: Exception) -> "Unreadable":
        """Return what a failed lookup of a bucket policy tells; raise any other error again."""
        if "getBucketPolicy" not in str(error):
            raise error
        return cls(error_summary(error), is_wrong_region(error))


def live_bucket_policy(
    component: pulumi.Resource | None, bucket: pulumi.Input[str], provider: pulumi.ProviderResource | None = None
) -> pulumi.Output[str | None]:
    """Return the JSON of the policy that the bucket has now; None where there is none, or no bucket yet.

    The lookup waits until the component is registered, and so for everything that it depends on.
    """

    def absent(error: Exception) -> str | None:
        if _NO_POLICY.search(str(error)):
            return None
        raise error

    opts = pulumi.InvokeOutputOptions(parent=component, provider=provider)
    registered = [component.urn] if component else []
    # A lookup does not run in a preview while a resource that its arguments depend on is not made yet.
    asked = resolve_after(bucket, *registered, depends_on=())
    found = aws.s3.get_bucket_policy_output(bucket=asked, opts=opts)
    policy: pulumi.Output[str | None] = found.apply(lambda known: known.policy)
    return policy.recover(absent)
