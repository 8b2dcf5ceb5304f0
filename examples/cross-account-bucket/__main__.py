"""Grant access to a bucket in another account, whose owner writes the bucket policy.

With `statements`, the component writes only the service role's policy, and returns the statements for the bucket policy
as JSON. The stack exports them for the owner. With `ownerRole`, the program also writes the bucket policy, through a
provider for the owner's account. That replaces the whole bucket policy, so use it only for a bucket without a policy.

    pulumi config set bucket partner-data
    pulumi config set ownerRole arn:aws:iam::210987654321:role/deploy
    pulumi up
"""

import pulumi
import pulumi_aws as aws

from personalize_permissions import PersonalizePermissions

config = pulumi.Config()
bucket = config.require("bucket")

permissions = PersonalizePermissions(
    "partner",
    {"buckets": [{"bucket": bucket, "uses": ["import"], "bucket_policy": "statements"}]},
)
statements = permissions.bucket_policies.apply(lambda policies: policies[bucket])

pulumi.export("serviceRoleArn", permissions.service_role_arn)
pulumi.export("statementsForTheOwner", statements)

if role := config.get("ownerRole"):
    owner = aws.Provider(
        "owner", region=aws.get_region().region, assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role)]
    )
    aws.s3.BucketPolicy("partner", bucket=bucket, policy=statements, opts=pulumi.ResourceOptions(provider=owner))
