"""The permission tables of AWS's guide: which actions each use of a bucket or a key takes.

Sources, all in the Amazon Personalize Developer Guide: "Setting up permissions", "Giving Amazon Personalize access to
Amazon S3 resources", "Giving Amazon Personalize permission to use your AWS KMS key".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from personalize_permissions.choices import BucketUse, CloudWatchChoice

SERVICE: Final = "personalize.amazonaws.com"
"""The service principal; the same in every partition, China included."""

LIST_BUCKET: Final = "s3:ListBucket"
"""The only S3 action of the guide that applies to the bucket; all others apply to its objects."""

BUCKET_ACTIONS: Final[Mapping[BucketUse, tuple[str, ...]]] = MappingProxyType(
    {
        BucketUse.IMPORT: ("s3:GetObject", LIST_BUCKET),
        BucketUse.DELETION: ("s3:GetObject", LIST_BUCKET),
        BucketUse.BATCH: ("s3:GetObject", LIST_BUCKET, "s3:PutObject"),
        BucketUse.EXPORT: ("s3:PutObject", LIST_BUCKET),
        BucketUse.METRICS: ("s3:PutObject",),
    }
)
PUT_METRICS: Final = "cloudwatch:PutMetricData"
"""What the service role needs on `*` besides, for metric attribution."""

KEY_ACTIONS: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants")
"""What the role and people need on the key, by their IAM policies."""
KEY_GRANT_ACTION: Final = "kms:CreateGrant"
"""What the service and the role need besides, by the key's own policy."""
KEY_EXPORT_ACTION: Final = "kms:GenerateDataKeyWithoutPlaintext"
"""What everybody needs besides, where datasets under the key are exported."""

MANAGED_POLICY: Final = "service-role/AmazonPersonalizeFullAccess"
"""Path and name of the AWS managed policy."""
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
