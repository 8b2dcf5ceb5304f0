"""A bucket that carries a policy already, which another team wrote.

A bucket has one policy. Given as `existing_policy`, what stands in it is kept, and Personalize's statements are added;
without that the component refuses to touch the bucket. The policy is in a file here, reviewed like code. To begin with
what the bucket carries now:

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
