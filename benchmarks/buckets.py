"""The buckets that the programs name: the component refuses those that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.cloud import Cloud


def make_buckets(cloud: Cloud, count: int) -> None:
    """Make so many buckets: data-0, data-1 and so on."""
    s3 = cloud.s3()
    for index in range(count):
        s3.create_bucket(Bucket=f"data-{index}")
