"""A bucket of another account: its owner writes its policy, and gets the statements to write.

`statements` grants the service role what it needs on its own side, and hands the bucket's side out as JSON: in the
stack's output for a person, or, as at the end of this program, to the owner's own resource, here through a provider of
the owner's account. The owner can merge them with what the bucket needs otherwise.

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
