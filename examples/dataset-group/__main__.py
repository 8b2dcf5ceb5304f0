"""An encrypted dataset group beside the permissions that it needs, in one `pulumi up`.

`pulumi_aws` has no resource for dataset groups, so Cloud Control creates it. The role is new, and Personalize may be
unable to assume it for some seconds: `until_assumable` tries again. The policy `dataset-role-access` of the pack checks
that the role may use the key.
"""

import json

import pulumi
import pulumi_aws as aws

from personalize_permissions import PersonalizePermissions, until_assumable

account = aws.get_caller_identity().account_id
key = aws.kms.Key("data", description="Encrypts the datasets of the shop")
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
        "policy": "least-privilege",
        "keys": [{"key_arn": key.arn, "label": "data", "existing_policy": json.dumps(administration)}],
    },
)
group = aws.cloudcontrol.Resource(
    "shop",
    type_name="AWS::Personalize::DatasetGroup",
    desired_state=pulumi.Output.json_dumps(
        {"Name": "shop", "RoleArn": permissions.service_role_arn, "KmsKeyArn": key.arn}
    ),
    opts=pulumi.ResourceOptions(hooks=until_assumable(permissions)),
)

pulumi.export("datasetGroup", group.properties.apply(lambda properties: json.loads(properties)["DatasetGroupArn"]))
