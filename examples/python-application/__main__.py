"""A larger stack: the component beside the application's own bucket and key.

The bucket's name and the key's ARN are known only once both are made, so each entry has a `label`: by it the preview
names what it will grant. The key's policy is the component's to write; what the account's administrators need in it is
given as `existing_policy`.

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

# Whoever makes dataset groups and import jobs needs these, and gets them once the role can be used.
pulumi.export("serviceRoleArn", permissions.service_role_arn)
pulumi.export("trainingData", data.bucket)
pulumi.export("keyArn", key.arn)
