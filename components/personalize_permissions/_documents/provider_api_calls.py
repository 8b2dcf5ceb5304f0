"""The table of IAM actions that the AWS provider needs for each resource that the components create.

Sources: the resources' own code in terraform-provider-aws (internal/service/iam, /s3, /kms), of which the Pulumi
provider is made; Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
Management (IAM)", "… for Amazon S3", "… for AWS Key Management Service". For all of them the action bears the name of
the API operation. `sts:GetCallerIdentity`, by which the provider finds the account, needs no permission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Step(Enum):
    """What the engine does with a resource; every other step includes a read."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    LIMIT = "limit"
    """Set or replace the permissions boundary of a role."""
    UNLIMIT = "unlimit"
    """Remove the permissions boundary of a role."""


@dataclass(frozen=True, slots=True)
class Call:
    """One action, and the step that needs it."""

    action: str
    step: Step
    unseen: str = ""
    """Why a run in the sandbox does not make the call; empty if it does."""


_TAGS_AT_CREATION: Final = "AWS requires it to create a resource with tags; there is no call of its own"
_REAL_PLUGIN: Final = "only the real provider makes the call"
_NEVER_LEFT: Final = "needed only if somebody attached a policy by hand, which prevents the deletion of the role"
_ATTACHED_TO: Final = ("Role", "User", "Group")

CALLS: Final[Mapping[str, tuple[Call, ...]]] = MappingProxyType(
    {
        "aws:iam/role:Role": (
            Call("iam:CreateRole", Step.CREATE),
            Call("iam:TagRole", Step.CREATE, _TAGS_AT_CREATION),
            Call("iam:GetRole", Step.READ),
            Call("iam:ListRolePolicies", Step.READ),
            Call("iam:GetRolePolicy", Step.READ),
            Call("iam:ListAttachedRolePolicies", Step.READ),
            Call("iam:UpdateAssumeRolePolicy", Step.UPDATE),
            Call("iam:UpdateRole", Step.UPDATE),
            Call("iam:UpdateRoleDescription", Step.UPDATE, _REAL_PLUGIN),
            Call("iam:TagRole", Step.UPDATE),
            Call("iam:UntagRole", Step.UPDATE),
            Call("iam:PutRolePermissionsBoundary", Step.LIMIT),
            Call("iam:DeleteRolePermissionsBoundary", Step.UNLIMIT),
            Call("iam:ListInstanceProfilesForRole", Step.DELETE, _REAL_PLUGIN),
            Call("iam:DetachRolePolicy", Step.DELETE, _NEVER_LEFT),
            Call("iam:DeleteRolePolicy", Step.DELETE, _NEVER_LEFT),
            Call("iam:DeleteRole", Step.DELETE),
        ),
        "aws:iam/policy:Policy": (
            Call("iam:CreatePolicy", Step.CREATE),
            Call("iam:TagPolicy", Step.CREATE, _TAGS_AT_CREATION),
            Call("iam:GetPolicy", Step.READ),
            Call("iam:GetPolicyVersion", Step.READ),
            Call("iam:CreatePolicyVersion", Step.UPDATE),
            Call("iam:ListPolicyVersions", Step.UPDATE),
            Call("iam:DeletePolicyVersion", Step.UPDATE, "a policy keeps five versions: the sixth change needs it"),
            Call("iam:TagPolicy", Step.UPDATE),
            Call("iam:UntagPolicy", Step.UPDATE),
            Call("iam:ListPolicyVersions", Step.DELETE),
            Call("iam:DeletePolicyVersion", Step.DELETE),
            Call("iam:DeletePolicy", Step.DELETE),
        ),
        "aws:iam/rolePolicy:RolePolicy": (
            Call("iam:PutRolePolicy", Step.CREATE),
            Call("iam:GetRolePolicy", Step.READ),
            Call("iam:PutRolePolicy", Step.UPDATE),
            Call("iam:DeleteRolePolicy", Step.DELETE),
        ),
        **{
            f"aws:iam/{kind.lower()}PolicyAttachment:{kind}PolicyAttachment": (
                Call(f"iam:Attach{kind}Policy", Step.CREATE),
                Call(f"iam:ListAttached{kind}Policies", Step.READ),
                Call(f"iam:Detach{kind}Policy", Step.DELETE),
            )
            for kind in _ATTACHED_TO
        },
        "aws:s3/bucketPolicy:BucketPolicy": (
            Call("s3:PutBucketPolicy", Step.CREATE),
            Call("s3:GetBucketPolicy", Step.READ),
            Call("s3:PutBucketPolicy", Step.UPDATE),
        ),
        "aws:kms/keyPolicy:KeyPolicy": (
            Call("kms:PutKeyPolicy", Step.CREATE),
            Call("kms:DescribeKey", Step.READ),
            Call("kms:GetKeyPolicy", Step.READ),
            Call("kms:GetKeyRotationStatus", Step.READ, _REAL_PLUGIN),
            Call("kms:ListResourceTags", Step.READ, _REAL_PLUGIN),
            Call("kms:PutKeyPolicy", Step.UPDATE),
        ),
    }
)
"""By resource type. The component also looks up the bucket's policy, with `s3:GetBucketPolicy` too."""

WITH_POLICY: Final = frozenset(f"iam:{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in _ATTACHED_TO)
"""Actions whose requests have `iam:PolicyARN`, the policy in question."""
WITH_BOUNDARY: Final = frozenset(
    {"iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"}
)
"""Actions that could widen a role; their requests have `iam:PermissionsBoundary`, the role's, or its new one."""
