"""The permission tables of AWS's guide: which actions each use of a bucket takes, and where Personalize exists.

The actions themselves are those of `personalize_guardrails.guide`, which names the pages.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from personalize_guardrails.guide import GET_OBJECT, LIST_BUCKET, PUT_OBJECT
from personalize_permissions.choices import BucketUse, CloudWatchChoice

BUCKET_ACTIONS: Final[Mapping[BucketUse, tuple[str, ...]]] = MappingProxyType(
    {
        BucketUse.IMPORT: (GET_OBJECT, LIST_BUCKET),
        BucketUse.DELETION: (GET_OBJECT, LIST_BUCKET),
        BucketUse.BATCH: (GET_OBJECT, LIST_BUCKET, PUT_OBJECT),
        BucketUse.EXPORT: (PUT_OBJECT, LIST_BUCKET),
        BucketUse.METRICS: (PUT_OBJECT,),
    }
)
JOBS: Final[Mapping[BucketUse, str]] = MappingProxyType(
    {
        BucketUse.IMPORT: "dataset-import-job",
        BucketUse.DELETION: "data-deletion-job",
        BucketUse.BATCH: "batch-inference-job",
        BucketUse.EXPORT: "dataset-export-job",
        BucketUse.METRICS: "metric-attribution",
    }
)
"""The resource of Personalize that uses the bucket, as in `aws:SourceArn`."""
CLOUDWATCH_POLICIES: Final[Mapping[CloudWatchChoice, str]] = MappingProxyType(
    {
        CloudWatchChoice.FULL_ACCESS: "CloudWatchFullAccess",
        CloudWatchChoice.FULL_ACCESS_V2: "CloudWatchFullAccessV2",
    }
)

REGIONS: Final[frozenset[str]] = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "cn-north-1",
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)
"""Where Personalize exists; botocore's endpoint data is the living source, and a test compares."""
