"""Create a permission set in a second region and account, through an explicit provider.

The component takes account, region, and partition from its provider, also in the trust policy's source conditions. The
first permission set uses the stack's default provider. One stack can contain both.

    pulumi config set aws:region eu-west-1
    pulumi config set otherRegion us-west-2
    pulumi config set otherRole arn:aws:iam::210987654321:role/deploy
    pulumi up
"""

import pulumi
import pulumi_aws as aws

from personalize_permissions import PersonalizePermissions

config = pulumi.Config()
elsewhere = aws.Provider(
    "elsewhere",
    region=config.require("otherRegion"),
    assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=config.require("otherRole"))],
)

here = PersonalizePermissions("here", {"policy": "least-privilege"})
there = PersonalizePermissions(
    "there",
    {"policy": "least-privilege"},
    pulumi.ResourceOptions(provider=elsewhere),
)

pulumi.export("here", {"serviceRoleArn": here.service_role_arn, "trustPolicy": here.trust_policy})
pulumi.export("there", {"serviceRoleArn": there.service_role_arn, "trustPolicy": there.trust_policy})
