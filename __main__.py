"""The reference stack: the permission set, from stack configuration. `pulumi config` shows every setting."""

from __future__ import annotations

import pulumi

from personalize_permissions._hosts.stack_config import permissions_from_config

permissions = permissions_from_config(pulumi.get_stack(), pulumi.Config())

pulumi.export("serviceRoleArn", permissions.service_role_arn)
pulumi.export("serviceRoleName", permissions.service_role_name)
pulumi.export("policyArn", permissions.policy_arn)
pulumi.export("trustPolicy", permissions.trust_policy)
pulumi.export("bucketPolicies", permissions.bucket_policies)
pulumi.export("keyPolicies", permissions.key_policies)
