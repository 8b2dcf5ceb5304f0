"""What the components take. The docstrings become the descriptions of the package schema.

A program in Python may write an enum's value (`"custom"`) or its member (`PolicyChoice.CUSTOM`).
Lists of names take plain names and outputs of other resources alike; how each is named in the stack is told in
`personalize_permissions._runtime.resource_names`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

import pulumi

from personalize_permissions.choices import BucketUse, CloudWatchChoice, Delivery, PolicyChoice

if TYPE_CHECKING:
    PolicyInput = PolicyChoice | Literal["custom", "managed", "least-privilege"]
    CloudWatchInput = CloudWatchChoice | Literal["none", "full-access", "full-access-v2"]
    BucketUseInput = BucketUse | Literal["import", "deletion", "batch", "export", "metrics"]
    DeliveryInput = Delivery | Literal["attach", "statements"]
else:  # schema inference knows enums, but neither Literal nor unions
    PolicyInput, CloudWatchInput, BucketUseInput, DeliveryInput = PolicyChoice, CloudWatchChoice, BucketUse, Delivery


class ServiceRole(TypedDict):
    """Settings of the IAM role that Personalize assumes."""

    name: NotRequired[pulumi.Input[str]]
    """Name of the role, at most 64 characters. Default: generated once, and kept. Personalize resources keep the role's ARN, so a change replaces the role and breaks them."""
    path: NotRequired[pulumi.Input[str]]
    """IAM path of the role, such as `/service-role/`. Default: `/`."""
    description: NotRequired[pulumi.Input[str]]
    """Description of the role, at most 1000 characters. Default: one that says what the role is for."""
    permissions_boundary: NotRequired[pulumi.Input[str]]
    """ARN of the IAM policy that bounds what the role can ever do. Default: none."""
    max_session_duration: NotRequired[pulumi.Input[int]]
    """Longest session, in seconds, from 3600 to 43200. Default: 3600."""


class PersonalizeBucket(TypedDict):
    """One bucket and what Personalize does with it."""

    bucket: pulumi.Input[str]
    """Name (not ARN) of the bucket."""
    uses: pulumi.Input[Sequence[pulumi.Input[BucketUseInput]]]
    """What Personalize does with the bucket, at least one of: import, deletion, batch, export, metrics."""
    prefix: NotRequired[pulumi.Input[str]]
    """Object keys must start with this, such as `personalize/`. Listing stays allowed for the whole bucket. Default: every object."""
    bucket_policy: NotRequired[DeliveryInput]
    """`attach` writes the bucket policy; `statements` hands the statements out in `bucket_policies` for whoever owns the bucket. Default: `attach`."""
    existing_policy: NotRequired[pulumi.Input[str]]
    """JSON of the policy that the bucket already carries; the statements are merged into it by Sid. Needed to attach to a bucket that has a policy. Default: none."""
    label: NotRequired[str]
    """Name of this entry within the stack. Give one where the bucket's name is only known once the bucket is made, so that previews show its grants. Default: the bucket's name."""


class PersonalizeKey(TypedDict):
    """One KMS key that encrypts datasets, exports, batch jobs or a bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the key; neither its id nor an alias."""
    key_policy: NotRequired[DeliveryInput]
    """`attach` writes the key policy, and needs `existing_policy`; `statements` hands the statements out in `key_policies` for whoever owns the key. Default: `attach`."""
    existing_policy: NotRequired[pulumi.Input[str]]
    """JSON of the policy that the key carries; the statements are merged into it by Sid. It must keep the account's own right to administer the key. Needed to attach. Default: none."""
    dataset_export: NotRequired[pulumi.Input[bool]]
    """Whether datasets that the key encrypts are exported, which takes GenerateDataKeyWithoutPlaintext too. Default: false."""
    label: NotRequired[str]
    """Name of this entry within the stack. Give one where the key's ARN is only known once the key is made, so that previews show its grants. Default: the key's region and id."""


class PersonalizePermissionsArgs(TypedDict):
    """The permission set that AWS's "Setting up permissions" asks for. Every argument is optional."""

    users: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM users that use Personalize. Default: none."""
    groups: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM groups whose members use Personalize. Default: none."""
    roles: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM roles that use Personalize, such as those of federated people. Default: none."""
    policy: NotRequired[PolicyInput]
    """`custom`: the guide's two statements; `managed`: AmazonPersonalizeFullAccess; `least-privilege`: people pass the service role only. Default: `custom`."""
    policy_name: NotRequired[pulumi.Input[str]]
    """Name of the policy made for people; a permission set of IAM Identity Center refers to it by name and path. Not with `managed`. Default: generated once, and kept."""
    policy_path: NotRequired[pulumi.Input[str]]
    """IAM path of the policies made. Default: `/`."""
    cloudwatch: NotRequired[CloudWatchInput]
    """CloudWatch access of people: `none`, `full-access`, `full-access-v2`. Default: `none`."""
    service_role: NotRequired[pulumi.Input[ServiceRole]]
    """Settings of the service role. Default: a role is made with a generated name."""
    source_accounts: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Accounts, of twelve digits each, on whose behalf Personalize may assume the role. Default: the provider's account."""
    source_arns: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Patterns of Personalize resource ARNs on whose behalf Personalize may assume the role. Default: `arn:PARTITION:personalize:REGION:ACCOUNT:*` for each source account."""
    buckets: NotRequired[pulumi.Input[Sequence[PersonalizeBucket]]]
    """Buckets that Personalize reads or writes. Default: none."""
    keys: NotRequired[pulumi.Input[Sequence[PersonalizeKey]]]
    """KMS keys that Personalize and its users need. Default: none."""
    confine_to_source: NotRequired[pulumi.Input[bool]]
    """Adds the source conditions to the service's statements on buckets and keys too. AWS does not document that Personalize sends them there: try before you rely on it. Default: false."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the role and the policies. Default: none."""


class PersonalizeAccessArgs(TypedDict):
    """What people get: steps 1 and 2 of the guide."""

    users: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM users that use Personalize. Default: none."""
    groups: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM groups whose members use Personalize. Default: none."""
    roles: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM roles that use Personalize. Default: none."""
    policy: NotRequired[PolicyInput]
    """`custom`, `managed` or `least-privilege`; the last needs `service_role_arn`. Default: `custom`."""
    policy_name: NotRequired[pulumi.Input[str]]
    """Name of the policy made. Not with `managed`. Default: generated once, and kept."""
    policy_path: NotRequired[pulumi.Input[str]]
    """IAM path of the policy made. Default: `/`."""
    cloudwatch: NotRequired[CloudWatchInput]
    """CloudWatch access: `none`, `full-access`, `full-access-v2`. Default: `none`."""
    service_role_arn: NotRequired[pulumi.Input[str]]
    """ARN of the only role that people may pass. Needed with `least-privilege`, and only there."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the policy. Default: none."""


class PersonalizeServiceRoleArgs(TypedDict):
    """The role that Personalize assumes: step 3 of the guide."""

    service_role: NotRequired[pulumi.Input[ServiceRole]]
    """Settings of the role. Default: a generated name."""
    policy: NotRequired[PolicyInput]
    """Which policy the role gets: `custom`, `managed` or `least-privilege`. Default: `custom`."""
    policy_arn: NotRequired[pulumi.Input[str]]
    """ARN of a policy to attach in place of one of its own, such as `policy_arn` of a `PersonalizeAccess`. Default: a policy is made as `policy` says."""
    policy_path: NotRequired[pulumi.Input[str]]
    """IAM path of the policy made. Default: `/`."""
    source_accounts: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Accounts, of twelve digits each, on whose behalf Personalize may assume the role. Default: the provider's account."""
    source_arns: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Patterns of Personalize resource ARNs. Default: `arn:PARTITION:personalize:REGION:ACCOUNT:*` for each source account."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the role and its policy. Default: none."""


class PersonalizeBucketAccessArgs(TypedDict):
    """One bucket, on the role's side and on the bucket's: step 5 of the guide."""

    bucket: pulumi.Input[str]
    """Name (not ARN) of the bucket."""
    uses: pulumi.Input[Sequence[pulumi.Input[BucketUseInput]]]
    """What Personalize does with the bucket, at least one of: import, deletion, batch, export, metrics."""
    service_role_name: pulumi.Input[str]
    """Name of the role that Personalize assumes."""
    prefix: NotRequired[pulumi.Input[str]]
    """Object keys must start with this, such as `personalize/`. Default: every object."""
    bucket_policy: NotRequired[DeliveryInput]
    """`attach` writes the bucket policy; `statements` only hands it out. Default: `attach`."""
    existing_policy: NotRequired[pulumi.Input[str]]
    """JSON of the policy that the bucket already carries. Default: none."""
    confine_to_source: NotRequired[pulumi.Input[bool]]
    """Adds the source conditions to the service's statements. Default: false."""
    source_accounts: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Accounts for `confine_to_source`. Default: the provider's account."""
    source_arns: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Patterns of Personalize resource ARNs for `confine_to_source`. Default: those of the source accounts."""


class PersonalizeKeyAccessArgs(TypedDict):
    """One KMS key, for the role, for people and in the key's own policy: step 4 of the guide."""

    key_arn: pulumi.Input[str]
    """ARN of the key; neither its id nor an alias."""
    service_role_arn: pulumi.Input[str]
    """ARN of the role that Personalize assumes."""
    users: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM users that need the key. Default: none."""
    groups: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM groups whose members need the key. Default: none."""
    roles: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Names of the IAM roles of people that need the key. Default: none."""
    key_policy: NotRequired[DeliveryInput]
    """`attach` writes the key policy, and needs `existing_policy`; `statements` only hands it out. Default: `attach`."""
    existing_policy: NotRequired[pulumi.Input[str]]
    """JSON of the policy that the key carries. Needed to attach. Default: none."""
    dataset_export: NotRequired[pulumi.Input[bool]]
    """Whether datasets that the key encrypts are exported. Default: false."""
    confine_to_source: NotRequired[pulumi.Input[bool]]
    """Adds the source conditions to the service's statement. Default: false."""
    source_accounts: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Accounts for `confine_to_source`. Default: the provider's account."""
    source_arns: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Patterns of Personalize resource ARNs for `confine_to_source`. Default: those of the source accounts."""
    policy_path: NotRequired[pulumi.Input[str]]
    """IAM path of the policy made for people. Default: `/`."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the policy made for people. Default: none."""
