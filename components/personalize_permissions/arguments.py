"""The arguments of the components.

The docstrings are the descriptions of the package schema, of the README's table, and of the reference stack's settings;
what comes after `Default:` is the default. `_validation/argument_schemas.py` says which values are right.

A program in Python writes an enum's value (`"custom"`) or its member (`PolicyChoice.CUSTOM`). Lists take plain names and
outputs of other resources alike.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import pulumi

from personalize_permissions.choices import BucketUseInput, CloudWatchInput, DeliveryInput, PolicyInput

if TYPE_CHECKING:
    from personalize_permissions._validation.argument_types import Maybe, Strings

    Number = int | None
    PolicyDocumentInput = str | Mapping[str, Any]
else:  # schema inference knows neither unions nor protocols
    Maybe, Number, PolicyDocumentInput, Strings = pulumi.Input, int, Any, Sequence


class _People(TypedDict):
    users: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Names of the IAM users that use Personalize. Default: none."""
    groups: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Names of the IAM groups whose members use Personalize. Default: none."""
    roles: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Names of the IAM roles that use Personalize, such as those of federated people. Default: none."""


class _Policy(TypedDict):
    policy: NotRequired[PolicyInput]
    """Permissions of people and of the service role. `custom`: the guide's two statements, on both; `managed`: AmazonPersonalizeFullAccess on both; `least-privilege`: people can pass only the service role, and the service role cannot pass any role. Default: `custom`."""


class _PolicyOfPeople(_Policy):
    policy_name: NotRequired[Maybe[str]]
    """Name of the policy for people; a permission set of IAM Identity Center refers to it by name and path. Not with `managed`. Default: generated once, and kept."""
    cloudwatch: NotRequired[CloudWatchInput]
    """CloudWatch access of people: `none`, `full-access`, `full-access-v2`. Default: `none`."""


class ServiceRole(TypedDict):
    """Settings of the IAM role that Personalize assumes."""

    name: NotRequired[Maybe[str]]
    """Name of the role, at most 64 characters. Default: generated once, and kept. Personalize resources keep the role's ARN, so a change replaces the role and breaks them."""
    path: NotRequired[Maybe[str]]
    """IAM path of the role, such as `/service-role/`. Default: `/`."""
    description: NotRequired[Maybe[str]]
    """Description of the role, at most 1000 characters. Default: one that says what the role is for."""
    permissions_boundary: NotRequired[Maybe[str]]
    """ARN of the IAM policy that limits what the role can ever do. Default: none."""
    max_session_duration: NotRequired[Maybe[int]]
    """Longest session, in seconds, from 3600 to 43200. Default: 3600."""


class _ServiceRole(TypedDict):
    service_role: NotRequired[Maybe[ServiceRole]]
    """Settings of the service role. Default: a role with a generated name."""


class _Sources(TypedDict):
    source_accounts: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Accounts, of twelve digits each, on whose behalf Personalize acts: `aws:SourceAccount` of the trust policy. Default: the provider's account."""
    source_arns: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Patterns of Personalize resource ARNs on whose behalf Personalize acts: `aws:SourceArn` of the trust policy. Default: `arn:PARTITION:personalize:REGION:ACCOUNT:*` for each source account."""


class _ConfineToSource(TypedDict):
    confine_to_source: NotRequired[Maybe[bool]]
    """Adds the source conditions to the service's statements on buckets and keys too. AWS does not document whether Personalize sends these keys to S3 and KMS: try it before you rely on it. Default: false."""


class _PolicyPath(TypedDict):
    policy_path: NotRequired[Maybe[str]]
    """IAM path of the policies that are created. Default: `/`."""


class _Quota(TypedDict):
    managed_policies_quota: NotRequired[Number]
    """How many managed policies each user (up to 20) and role (up to 25) can have, if AWS has raised the account's quota. Groups always have 10. Default: 10."""


class _Tags(TypedDict):
    tags: NotRequired[Maybe[Mapping[str, pulumi.Input[str]]]]
    """Tags of the role and the policies. Default: none."""


class _Label(TypedDict):
    label: NotRequired[str]
    """Name of this entry within the stack. Set it where the bucket's name or the key's ARN is an output, so that previews show its grants. Default: the bucket's name, or the key's region and id."""


class _Grantees(TypedDict):
    users: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Names of the IAM users that get the policy. Default: none."""
    groups: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Names of the IAM groups that get the policy. Default: none."""
    roles: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """Names of the IAM roles that get the policy, such as those of Lambda functions, ECS tasks or federated people. Default: none."""


class _GranteesLabel(TypedDict):
    label: str
    """Name of this entry within the stack, such as `storefront`."""


class _Application(TypedDict):
    campaigns: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """ARNs of the campaigns that serve it recommendations; a name may have `*` and `?`. Default: none."""
    recommenders: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """ARNs of the recommenders that serve it. Default: none."""
    filters: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """ARNs of the filters in its requests for recommendations. Default: none."""
    record_events: NotRequired[Maybe[bool]]
    """Whether it records events and action interactions. AWS cannot narrow these to an event tracker, so they are allowed on `*`. Default: false."""
    datasets: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """ARNs of the datasets that it puts items, users and actions into. Default: none."""


class _DataScientist(TypedDict):
    resource_tags: NotRequired[Maybe[Mapping[str, pulumi.Input[str]]]]
    """Tags that a resource must have to be used, where its type takes tags (schemas, metric attributions and data insights jobs take none). Default: none, so every resource."""


class _Bucket(TypedDict):
    bucket: pulumi.Input[str]
    """Name (not ARN) of the bucket."""
    uses: pulumi.Input[Strings[pulumi.Input[BucketUseInput]]]
    """What Personalize does with the bucket, at least one use."""
    prefix: NotRequired[Maybe[str]]
    """Object keys must start with this, such as `personalize/`. Listing stays allowed for the whole bucket. Default: every object."""
    bucket_policy: NotRequired[DeliveryInput]
    """`attach` writes the bucket policy; `statements` only outputs the statements, for whoever owns the bucket. Default: `attach`."""
    existing_policy: NotRequired[Maybe[PolicyDocumentInput]]
    """Policy that the bucket already has, as JSON or as an object; the statements are merged into it by Sid. Needed to attach to a bucket that has a policy. Default: none."""
    adopt_policy_from: NotRequired[str]
    """Name or URN of the `aws.s3.BucketPolicy` of this stack that wrote the bucket's policy until now. The component's own takes its place, as with an alias. Default: none."""


class _Key(TypedDict):
    key_arn: pulumi.Input[str]
    """ARN of the key; neither its id nor an alias."""
    key_policy: NotRequired[DeliveryInput]
    """`attach` writes the key policy, and needs `existing_policy`; `statements` only outputs the statements, for whoever owns the key. Default: `attach`."""
    existing_policy: NotRequired[Maybe[PolicyDocumentInput]]
    """Policy that the key has, as JSON or as an object; the statements are merged into it by Sid. It must keep the account's own right to administer the key. Needed to attach. Default: none."""
    adopt_policy_from: NotRequired[str]
    """Name or URN of the `aws.kms.KeyPolicy` of this stack that wrote the key's policy until now. The component's own takes its place, as with an alias. Default: none."""
    dataset_export: NotRequired[Maybe[bool]]
    """Whether datasets that the key encrypts are exported, which needs GenerateDataKeyWithoutPlaintext too. Default: false."""


class PersonalizeBucket(_Bucket, _Label):
    """One bucket and what Personalize does with it."""


class PersonalizeKey(_Key, _Label):
    """One KMS key that encrypts datasets, exports, batch jobs or a bucket."""


class PersonalizeApplication(_GranteesLabel, _Grantees, _Application):
    """An application that gets recommendations, or records events and items: two grants, either without the other."""


class PersonalizeReader(_GranteesLabel, _Grantees):
    """Auditors or dashboards: every read and list action, and no recommendations."""


class PersonalizeDataScientist(_GranteesLabel, _Grantees, _DataScientist):
    """Data scientists: they create, train and evaluate, and neither delete nor tag."""


class PersonalizePermissionsArgs(
    _People, _PolicyOfPeople, _PolicyPath, _ServiceRole, _Sources, _ConfineToSource, _Quota, _Tags
):
    """The permission set that AWS's "Setting up permissions" asks for. Every argument is optional."""

    buckets: NotRequired[Maybe[Sequence[PersonalizeBucket]]]
    """Buckets that Personalize reads or writes. Default: none."""
    keys: NotRequired[Maybe[Sequence[PersonalizeKey]]]
    """KMS keys that Personalize and its users need. Default: none."""
    applications: NotRequired[Maybe[Sequence[PersonalizeApplication]]]
    """Applications that get recommendations, or record events and items. Default: none."""
    readers: NotRequired[Maybe[Sequence[PersonalizeReader]]]
    """Auditors and dashboards: every read and list action, and no recommendations. Default: none."""
    data_scientists: NotRequired[Maybe[Sequence[PersonalizeDataScientist]]]
    """Data scientists, who create, train and evaluate, and can pass the service role only; they neither delete nor tag. Default: none."""


class PersonalizeAccessArgs(_People, _PolicyOfPeople, _PolicyPath, _Quota, _Tags):
    """What people get: steps 1 and 2 of the guide."""

    service_role_arn: NotRequired[Maybe[str]]
    """ARN of the only role that people can pass. Needed with `least-privilege`, and only there. Default: none."""


class PersonalizeServiceRoleArgs(_ServiceRole, _Policy, _PolicyPath, _Sources, _Tags):
    """The role that Personalize assumes: step 3 of the guide."""

    policy_arn: NotRequired[Maybe[str]]
    """ARN of a policy to attach in place of one of its own, such as `policy_arn` of a `PersonalizeAccess`. Default: a policy is created as `policy` says."""


class PersonalizeBucketAccessArgs(_Bucket, _ConfineToSource, _Sources):
    """One bucket, on the role's side and on the bucket's: step 5 of the guide."""

    service_role_name: pulumi.Input[str]
    """Name of the role that Personalize assumes."""


class PersonalizeKeyAccessArgs(_Key, _People, _ConfineToSource, _Sources, _PolicyPath, _Quota, _Tags):
    """One KMS key, for the role, for people and in the key's own policy: step 4 of the guide."""

    service_role_arn: pulumi.Input[str]
    """ARN of the role that Personalize assumes."""


class PersonalizeApplicationAccessArgs(_Grantees, _Application, _PolicyPath, _Quota, _Tags):
    """What an application may do: get recommendations from what is named, and record events and items."""


class PersonalizeReaderAccessArgs(_Grantees, _PolicyPath, _Quota, _Tags):
    """Who may read everything but recommendations."""


class PersonalizeDataScientistAccessArgs(_Grantees, _DataScientist, _PolicyPath, _Quota, _Tags):
    """Who may create, train and evaluate, in the provider's account and region."""

    service_role_arn: pulumi.Input[str]
    """ARN of the role that Personalize assumes, the only one that data scientists can pass."""
    key_arns: NotRequired[Maybe[Strings[pulumi.Input[str]]]]
    """ARNs of the KMS keys that encrypt what data scientists work on. Default: none."""
