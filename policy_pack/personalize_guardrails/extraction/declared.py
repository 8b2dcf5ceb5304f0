"""What a Pulumi resource declares, in CloudFormation's words, whichever way it is written.

Sources: CloudFormation Template Reference, AWS::IAM, AWS::S3::BucketPolicy and AWS::KMS::Key; Pulumi Registry, AWS and
AWS Cloud Control.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from personalize_guardrails.extraction.references import resolved_resources
from personalize_guardrails.extraction.repeated import load_json
from personalize_guardrails.extraction.templates import Resolver, TemplateError, parse_template
from personalize_guardrails.extraction.unknowns import UNKNOWN, Unknown

Properties = Mapping[str, Any]

SOMEBODY: Final = "000000000000"
"""Stands for the account of a stack where it is not known: no real account has this number."""

ROLE: Final = "AWS::IAM::Role"
BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
KEY: Final = "AWS::KMS::Key"
FUNCTION: Final = "AWS::Serverless::Function"
"""The transform of serverless applications makes a role of it, whose trust policy can be written there."""
ATTACHMENT: Final = "managed policies of a principal"
"""Of the classic provider alone: CloudFormation has no resource for it."""
ANY: Final = ""
"""Where the type is not known."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource of AWS. Its fields are asked for by the names that CloudFormation has for them."""

    kind: str
    """CloudFormation's name of its type, or ANY."""
    properties: Properties
    path: str = ""
    """Where its properties stand in the Pulumi resource; empty where they are the resource's own."""
    spelling: Callable[[str], str] = str
    """From CloudFormation's name of a field to the one that it has here."""
    name: str = ""
    """Its logical id, where it is one of several."""
    unknown: bool = False
    """Whether its properties are not known yet."""
    fault: str = ""
    """Why its properties cannot be read."""
    resolver: Resolver | None = None

    def get(self, field: str) -> object:
        """The field's value, as it is written."""
        return self.properties.get(self.spelling(field))

    def ways(self, field: str) -> Iterator[object]:
        """Every value that the field can turn out to have; TemplateError where they are too many."""
        value = self.get(field)
        if self.resolver:
            yield from self.resolver.branches(value)
        elif value is not None:
            yield value

    def place(self, field: str) -> str:
        """Where the field stands in the Pulumi resource."""
        own = self.spelling(field)
        return f"{self.path}.{own}" if self.path else own


def declared(
    kind: str, properties: Properties, account: str = SOMEBODY, scope: str | None = None
) -> Iterator[Declared]:
    """The resources of AWS that are declared in a Pulumi resource of type `kind`; `account` is where they are made.

    With a scope, what a template names inside itself has the names that its roles, policies and buckets are given.
    """
    if kind in _CLASSIC:
        token, names = _CLASSIC[kind]
        yield Declared(token, properties, spelling=lambda field: names.get(field, field))
    elif kind in _NATIVE:
        yield Declared(_NATIVE[kind], properties, spelling=_camel)
    elif kind == _CLOUD_CONTROL:
        yield from _of_cloud_control(properties)
    elif kind in _STACKS:
        yield from _of_template(properties, account, scope)


def types_of(*kinds: str) -> frozenset[str]:
    """The Pulumi types that can declare a resource of one of these kinds."""
    classic = {kind for kind, (token, _) in _CLASSIC.items() if token in kinds}
    native = {kind for kind, token in _NATIVE.items() if token in kinds}
    return frozenset(classic | native | _STACKS | {_CLOUD_CONTROL})


def _of_cloud_control(properties: Properties) -> Iterator[Declared]:
    kind, state = properties.get("typeName"), properties.get("desiredState")
    if kind is UNKNOWN:
        yield Declared(ANY, {}, "desiredState", unknown=True)
    elif isinstance(kind, str) and state is UNKNOWN:
        yield Declared(kind, {}, "desiredState", unknown=True)
    elif isinstance(kind, str) and state is not None:
        desired = _object(state)
        if desired is None:
            yield Declared(kind, {}, "desiredState", fault="it is not a JSON object")
        else:
            # What AWS made of it has the names that it gave: they stand for those that were not asked for.
            yield Declared(kind, {**(_object(properties.get("properties")) or {}), **desired}, "desiredState")


def _of_template(properties: Properties, account: str, scope: str | None) -> Iterator[Declared]:
    body = properties.get(_BODY)
    if body is UNKNOWN:
        yield Declared(ANY, {}, _BODY, unknown=True)
    elif body is not None:
        try:
            template = parse_template(body) if isinstance(body, str) else body
            if not isinstance(template, Mapping):
                raise TemplateError("it is not an object")  # noqa: TRY301 - one fault for all of them
        except TemplateError as error:
            yield Declared(ANY, {}, _BODY, fault=str(error))
            return
        resolver = Resolver.of(template, account, properties.get("parameters"))
        for name, kind, own, resolving in resolved_resources(template, resolver, scope):
            path = f"{_BODY}.Resources.{name}.Properties"
            if isinstance(own, Unknown):
                yield Declared(kind, {}, path, name=name, unknown=True)
            else:
                yield Declared(kind, own, path, name=name, resolver=resolving)


def _object(value: object) -> Mapping[str, Any] | None:
    try:
        read = load_json(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, Mapping) else None


def _camel(field: str) -> str:
    return field[:1].lower() + field[1:]


_BODY: Final = "templateBody"
_CLOUD_CONTROL: Final = "aws:cloudcontrol/resource:Resource"
_STACKS: Final = frozenset(
    {
        "aws:cloudformation/stack:Stack",
        "aws:cloudformation/stackSet:StackSet",
        "aws-native:cloudformation:Stack",
        "aws-native:cloudformation:StackSet",
    }
)
_NATIVE: Final[Mapping[str, str]] = {
    "aws-native:iam:Role": ROLE,
    "aws-native:iam:User": "AWS::IAM::User",
    "aws-native:iam:Group": "AWS::IAM::Group",
    "aws-native:iam:ManagedPolicy": "AWS::IAM::ManagedPolicy",
    "aws-native:iam:RolePolicy": "AWS::IAM::RolePolicy",
    "aws-native:iam:UserPolicy": "AWS::IAM::UserPolicy",
    "aws-native:iam:GroupPolicy": "AWS::IAM::GroupPolicy",
    "aws-native:s3:BucketPolicy": BUCKET_POLICY,
    "aws-native:kms:Key": KEY,
}
_POLICY: Final = {"PolicyDocument": "policy"}
_CLASSIC: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "aws:iam/role:Role": (
        ROLE,
        {
            "AssumeRolePolicyDocument": "assumeRolePolicy",
            "Path": "path",
            "RoleName": "name",
            "Arn": "arn",
            "Policies": "inlinePolicies",
            "ManagedPolicyArns": "managedPolicyArns",
            **_POLICY,
        },
    ),
    "aws:iam/rolePolicy:RolePolicy": ("AWS::IAM::RolePolicy", {"RoleName": "role", **_POLICY}),
    "aws:iam/userPolicy:UserPolicy": ("AWS::IAM::UserPolicy", _POLICY),
    "aws:iam/groupPolicy:GroupPolicy": ("AWS::IAM::GroupPolicy", _POLICY),
    "aws:iam/policy:Policy": ("AWS::IAM::ManagedPolicy", {"PolicyArn": "arn", **_POLICY}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        ATTACHMENT,
        {"ManagedPolicyArns": "policyArn", "RoleName": "role"},
    ),
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (
        ATTACHMENT,
        {"ManagedPolicyArns": "policyArns", "RoleName": "roleName"},
    ),
    "aws:iam/policyAttachment:PolicyAttachment": (ATTACHMENT, {"ManagedPolicyArns": "policyArn", "Roles": "roles"}),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": (ATTACHMENT, {"ManagedPolicyArns": "policyArn"}),
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": (
        ATTACHMENT,
        {"ManagedPolicyArns": "policyArns"},
    ),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": (ATTACHMENT, {"ManagedPolicyArns": "policyArn"}),
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": (
        ATTACHMENT,
        {"ManagedPolicyArns": "policyArns"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (BUCKET_POLICY, _POLICY),
    "aws:kms/key:Key": (KEY, {"KeyPolicy": "policy"}),
    "aws:kms/keyPolicy:KeyPolicy": (KEY, {"KeyPolicy": "policy"}),
}
