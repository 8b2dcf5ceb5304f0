"""Lists the resource types that declare roles and policies, and each provider's names of their fields.

Sources: CloudFormation Template Reference, AWS::IAM, AWS::S3::BucketPolicy, AWS::KMS::Key and AWS::Personalize; Pulumi
Registry, AWS and AWS Cloud Control; Terraform Registry, aws and awscc.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

ROLE: Final = "AWS::IAM::Role"
BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
BUCKET: Final = "AWS::S3::Bucket"
BUCKET_ENCRYPTION: Final = "encryption of a bucket"
"""Only the classic provider has it: in CloudFormation it is a field of the bucket."""
KEY: Final = "AWS::KMS::Key"
KEY_POLICY: Final = "policy of a key"
"""Only the classic provider has it: in CloudFormation it is a field of the key."""
DATASET_GROUP: Final = "AWS::Personalize::DatasetGroup"
DATASET: Final = "AWS::Personalize::Dataset"
TRUST_POLICY: Final = "AssumeRolePolicyDocument"
"""CloudFormation's name of the field that holds a role's trust policy."""
FUNCTION: Final = "AWS::Serverless::Function"
"""The transform of serverless applications makes a role for it; the function can declare that role's trust policy."""
ATTACHMENT: Final = "managed policies of a principal"
"""Only the classic provider has it: CloudFormation has no resource for it."""
APPLICATION: Final = "AWS::Serverless::Application"
PRODUCT: Final = "AWS::ServiceCatalog::CloudFormationProvisionedProduct"
ANY: Final = ""
"""The type of a resource whose type is not known yet."""

CLOUD_CONTROL: Final = "aws:cloudcontrol/resource:Resource"
EXTENSION: Final = "aws-native:index:ExtensionResource"
STACK: Final = "AWS::CloudFormation::Stack"
STACK_SET: Final = "AWS::CloudFormation::StackSet"
STACKS: Final = frozenset({STACK, STACK_SET})
"""The CloudFormation types whose template declares resources."""
_IDENTITIES: Final = tuple(
    f"AWS::IAM::{name}" for name in ("User", "Group", "ManagedPolicy", "RolePolicy", "UserPolicy", "GroupPolicy")
)
IDENTITY_TYPES: Final = frozenset({ROLE, *_IDENTITIES, "AWS::IAM::Policy", ATTACHMENT})
"""The types that can have an identity policy, or attach one."""

_POLICY: Final = {"PolicyDocument": "policy"}
_ARN: Final = {"ManagedPolicyArns": "policyArn"}
_ARNS: Final = {"ManagedPolicyArns": "policyArns"}
_RULES: Final = {"BucketName": "bucket", "BucketEncryption": "rules"}
_CLASSIC: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "aws:iam/role:Role": (
        ROLE,
        {TRUST_POLICY: "assumeRolePolicy", "RoleName": "name", "Policies": "inlinePolicies", **_POLICY},
    ),
    "aws:iam/rolePolicy:RolePolicy": ("AWS::IAM::RolePolicy", {"RoleName": "role", **_POLICY}),
    "aws:iam/userPolicy:UserPolicy": ("AWS::IAM::UserPolicy", _POLICY),
    "aws:iam/groupPolicy:GroupPolicy": ("AWS::IAM::GroupPolicy", _POLICY),
    "aws:iam/policy:Policy": ("AWS::IAM::ManagedPolicy", {"PolicyArn": "arn", **_POLICY}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (ATTACHMENT, {"RoleName": "role", **_ARN}),
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (ATTACHMENT, _ARNS),
    "aws:iam/policyAttachment:PolicyAttachment": (ATTACHMENT, _ARN),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": (ATTACHMENT, _ARN),
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": (ATTACHMENT, _ARNS),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": (ATTACHMENT, _ARN),
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": (ATTACHMENT, _ARNS),
    "aws:s3/bucketPolicy:BucketPolicy": (BUCKET_POLICY, _POLICY),
    "aws:s3/bucket:Bucket": (
        BUCKET,
        {"BucketName": "bucket", "BucketEncryption": "serverSideEncryptionConfiguration"},
    ),
    "aws:s3/bucketV2:BucketV2": (
        BUCKET,
        {"BucketName": "bucket", "BucketEncryption": "serverSideEncryptionConfigurations"},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        BUCKET_ENCRYPTION,
        _RULES,
    ),
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": (
        BUCKET_ENCRYPTION,
        _RULES,
    ),
    "aws:kms/key:Key": (KEY, {"KeyPolicy": "policy"}),
    "aws:kms/keyPolicy:KeyPolicy": (KEY_POLICY, {"KeyPolicy": "policy"}),
    "aws:cloudformation/stack:Stack": (STACK, {}),
    "aws:cloudformation/stackSet:StackSet": (STACK_SET, {}),
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": (APPLICATION, {}),
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct": (PRODUCT, {}),
}
"""Pulumi type to CloudFormation's type, and CloudFormation's name of a field to the provider's where they differ."""


def _native_type(kind: str) -> str:
    """Return the native provider's Pulumi type, such as `aws-native:iam:Role`."""
    _, service, name = kind.split("::")
    return f"aws-native:{service.lower()}:{name}"


_NATIVE: Final[Mapping[str, str]] = {
    _native_type(kind): kind
    for kind in (ROLE, *_IDENTITIES, BUCKET, BUCKET_POLICY, KEY, DATASET_GROUP, DATASET, STACK, STACK_SET, PRODUCT)
}
"""Native Pulumi type to CloudFormation's type. The fields have CloudFormation's names in camel case."""
_TERRAFORM_MODULES: Final[Mapping[str, str]] = {"serverlessrepository": "serverlessapplicationrepository"}
"""Pulumi's name of a module to Terraform's where they differ."""


def camel(field: str) -> str:
    """Return CloudFormation's name of a field in camel case."""
    return field[:1].lower() + field[1:]


def pulumi_type(token: str) -> str:
    """Return the equivalent Pulumi type for one of Terraform's provider in Pulumi; any other type itself."""
    return _TERRAFORM_TOKENS.get(token, token)


def field_names(token: str) -> tuple[str, Callable[[str], str]] | None:
    """Return the CloudFormation type that a Pulumi type declares, and the function that renames its fields.

    None where it is not one of the types in this module.
    """
    token = pulumi_type(token)
    if token in _NATIVE:
        return _NATIVE[token], camel
    if token not in _CLASSIC:
        return None
    kind, names = _CLASSIC[token]
    return kind, lambda field: names.get(field, camel(field))


def types_of(*kinds: str) -> frozenset[str]:
    """Return the Pulumi types that can declare a resource of these CloudFormation types, directly or in a template."""
    declaring = {*kinds, *STACKS, APPLICATION, PRODUCT}
    classic = {token for token, (kind, _) in _CLASSIC.items() if kind in declaring}
    own = classic | {token for token, kind in _NATIVE.items() if kind in declaring} | {CLOUD_CONTROL, EXTENSION}
    bridged = {token for token, same in _TERRAFORM_TOKENS.items() if same in own}
    return frozenset(own | bridged)


def _terraform_type(token: str) -> str:
    """Return the type as a Terraform configuration writes it, such as `aws_iam_role_policy`."""
    _, path, name = token.split(":")
    module = path.split("/", 1)[0]
    words = re.sub("(?=[A-Z])", "_", name.replace("CloudFormation", "Cloudformation")).lower()
    return f"{'awscc' if token in _NATIVE else 'aws'}_{_TERRAFORM_MODULES.get(module, module)}{words}"


def _terraform_token(terraform_type: str) -> str:
    """Return the type that the Terraform provider has in Pulumi, such as `aws:index/iamRole:IamRole`."""
    package, *words = terraform_type.split("_")
    name = "".join(word.capitalize() for word in words)
    return f"{package}:index/{camel(name)}:{name}"


TERRAFORM_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{_terraform_type(token): token for token in (*_CLASSIC, *_NATIVE)},
        "aws_cloudcontrolapi_resource": CLOUD_CONTROL,
    }
)
"""Terraform's type to the Pulumi type of the same resource."""
_TERRAFORM_TOKENS: Final[Mapping[str, str]] = {_terraform_token(name): token for name, token in TERRAFORM_TYPES.items()}
