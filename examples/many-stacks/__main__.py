"""Create the permission set of one tenant in the tenant's account. The stack's name is the tenant's name.

`deploy.py` runs this program for all tenants. For one tenant, run `pulumi up --stack shop`.
"""

import pulumi
import pulumi_aws as aws
from tenants import table

from personalize_permissions import PersonalizePermissions

tenant = table()[pulumi.get_stack()]
account = aws.Provider(
    "account",
    region=tenant.region,
    assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=tenant.deploy_role)],
)
permissions = PersonalizePermissions(
    tenant.name,
    {
        "groups": [tenant.group],
        "policy": "least-privilege",
        "buckets": [{"bucket": tenant.bucket, "uses": list(tenant.uses)}],
        "tags": {"tenant": tenant.name},
    },
    pulumi.ResourceOptions(provider=account),
)
pulumi.export("serviceRoleArn", permissions.service_role_arn)
