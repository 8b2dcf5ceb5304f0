"""Use the component in a larger stack that creates its own bucket and key.

The bucket's name and the key's ARN are unknown until both exist. Each entry therefore has a `label`, so that the first
preview can show the grants. The component writes the key policy. `existing_policy` contains the statement that lets the
account administer the key.

    pulumi config set --path 'analysts[0]' alice
    pulumi up
"""

import json

import pulumi
import pulumi_aws as aws

from personalize_permissions import PersonalizePermissions

analysts = pulumi.Config().require_object("analysts")
account = aws.get_caller_identity().account_id

key = aws.kms.Key("data", description="Encrypts the datasets of the shop")
data = aws.s3.Bucket("training-data")
administration = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}

permissions = PersonalizePermissions(
    "shop",
    {
        "users": analysts,
        "policy": "least-privilege",
        "buckets": [{"bucket": data.bucket, "label": "data", "uses": ["import", "batch"]}],
        "keys": [{"key_arn": key.arn, "label": "data", "existing_policy": json.dumps(administration)}],
        "tags": {"application": "shop"},
    },
)

# Code that creates dataset groups and import jobs reads these. They resolve when the role is ready to use.
pulumi.export("serviceRoleArn", permissions.service_role_arn)
pulumi.export("trainingData", data.bucket)
pulumi.export("keyArn", key.arn)
