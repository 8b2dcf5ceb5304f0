"""Which class emulates which resource type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.emulator import cloudcontrol, cloudformation, iam_grants, iam_people, iam_policy, iam_role, kms, s3
from sandbox.emulator.errors import AwsError

if TYPE_CHECKING:
    from sandbox.emulator.resource import Resource

RESOURCES: Final[tuple[type[Resource], ...]] = (
    iam_role.Role,
    iam_policy.Policy,
    iam_people.User,
    iam_people.Group,
    iam_people.UserGroupMembership,
    iam_grants.RolePolicyAttachment,
    iam_grants.UserPolicyAttachment,
    iam_grants.GroupPolicyAttachment,
    iam_grants.RolePolicy,
    iam_grants.UserPolicy,
    iam_grants.GroupPolicy,
    s3.Bucket,
    s3.BucketPolicy,
    kms.Key,
    kms.KeyPolicy,
    kms.Alias,
    cloudformation.Stack,
    cloudformation.StackSet,
    cloudcontrol.CloudControlResource,
)

_BY_TOKEN: Final = {kind.traits.kind: kind() for kind in RESOURCES}


def resource(token: str) -> Resource:
    """The emulation of a type; AwsError when the sandbox has none."""
    try:
        return _BY_TOKEN[token]
    except KeyError:
        raise AwsError("NotEmulated", f"the sandbox does not emulate {token}") from None
