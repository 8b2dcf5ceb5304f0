"""Grant access to a bucket whose policy another team wrote.

A bucket has only one policy. With `existing_policy`, the component keeps its statements and adds Personalize's. Without
it, the component refuses to write the policy. Here the policy is a file that you review like code. To save the bucket's
current policy and deploy:

    aws s3api get-bucket-policy --bucket shop-archive --query Policy --output text > bucket-policy.json
    pulumi up
"""

from pathlib import Path

import pulumi

from personalize_permissions import PersonalizePermissions

bucket = pulumi.Config().get("bucket") or "shop-archive"
permissions = PersonalizePermissions(
    "archive",
    {
        "buckets": [
            {
                "bucket": bucket,
                "uses": ["import"],
                "existing_policy": Path("bucket-policy.json").read_text(),
            }
        ],
    },
)

pulumi.export("serviceRoleArn", permissions.service_role_arn)
pulumi.export("bucketPolicy", permissions.bucket_policies.apply(lambda policies: policies[bucket]))
