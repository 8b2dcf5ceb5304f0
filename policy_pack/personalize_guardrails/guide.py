"""The facts of AWS's guide that the component grants and the policies check, each in one place.

Sources, all in the Amazon Personalize Developer Guide: "Setting up permissions", "Giving Amazon Personalize access to
Amazon S3 resources", "Giving Amazon Personalize permission to use your AWS KMS key".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

SERVICE: Final = "personalize.amazonaws.com"
"""The service principal; the same in every partition, China included."""

GET_OBJECT: Final = "s3:GetObject"
PUT_OBJECT: Final = "s3:PutObject"
LIST_BUCKET: Final = "s3:ListBucket"
"""The only S3 action of the guide that applies to the bucket; all others apply to its objects."""
PUT_METRICS: Final = "cloudwatch:PutMetricData"
"""What the service role also needs on `*`, for metric attribution."""

KEY_ACTIONS: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants")
"""What the role and people need on the key, in their IAM policies."""
KEY_GRANT_ACTION: Final = "kms:CreateGrant"
"""What the service and the role also need, in the key's own policy."""
KEY_EXPORT_ACTION: Final = "kms:GenerateDataKeyWithoutPlaintext"
"""What all of them also need, where datasets under the key are exported."""
KEY_ACTIONS_BY_OBJECT_ACTION: Final = MappingProxyType(
    {GET_OBJECT: ("kms:Decrypt",), PUT_OBJECT: ("kms:GenerateDataKey", "kms:Decrypt")}
)
"""What S3 asks of a bucket's key for whoever reads or writes an object; S3 reads the parts of a large one.

Source: Amazon S3 User Guide, "Uploading and copying objects using multipart upload".
"""

SOURCE_ACCOUNT: Final = "aws:SourceAccount"
SOURCE_ARN: Final = "aws:SourceArn"
"""The condition keys for the account and the resource on whose behalf the service acts."""

PASS_ROLE: Final = "iam:PassRole"  # noqa: S105 - an action
PASSED_TO_SERVICE: Final = "iam:PassedToService"
MANAGED_POLICY: Final = "service-role/AmazonPersonalizeFullAccess"
"""Path and name of the AWS managed policy."""
