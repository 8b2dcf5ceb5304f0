"""One stack, written in every way that the companion policies read: a role with what it may, a bucket's policy, people's.

Each spelling gives the resources of the stack as a stack policy sees them: type and outputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Document = dict[str, Any]
ACCOUNT = "123456789012"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/shop"


def resource(kind: str, **outputs: Any) -> Any:
    return SimpleNamespace(type=kind, name="resource", outputs=outputs)


def _classic_around(trust: Document, bucket: Document, people: Document, **role: Any) -> list[Any]:
    return [
        resource("aws:iam/role:Role", name="service", arn=ROLE_ARN, assumeRolePolicy=json.dumps(trust), **role),
        resource("aws:s3/bucketPolicy:BucketPolicy", policy=json.dumps(bucket)),
        resource("aws:iam/policy:Policy", arn=f"{POLICY_ARN}-people", policy=json.dumps(people)),
    ]


def _inline(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    inline = resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=json.dumps(role))
    return [*_classic_around(trust, bucket, people), inline]


def _inside_the_role(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    return _classic_around(trust, bucket, people, inlinePolicies=[{"name": "reads", "policy": json.dumps(role)}])


def _managed(*attachments: Any, **attached: Any) -> Callable[[Document, Document, Document, Document], list[Any]]:
    def spelled(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
        managed = resource("aws:iam/policy:Policy", arn=POLICY_ARN, policy=json.dumps(role))
        return [*attachments, *_classic_around(trust, bucket, people, **attached), managed]

    return spelled


def _of_users(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    user = resource("aws:iam/userPolicy:UserPolicy", user="alice", policy=json.dumps(people))
    return [each for each in _inline(trust, role, bucket, people) if "policy:Policy" not in each.type] + [user]


def _native(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    return [
        resource(
            "aws-native:iam:Role",
            roleName="service",
            arn=ROLE_ARN,
            assumeRolePolicyDocument=trust,
            policies=[{"policyName": "reads", "policyDocument": role}],
        ),
        resource("aws-native:s3:BucketPolicy", bucket="data", policyDocument=bucket),
        resource("aws-native:iam:ManagedPolicy", policyArn=f"{POLICY_ARN}-people", policyDocument=people),
    ]


def _native_apart(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    return [
        resource("aws-native:iam:Role", roleName="service", arn=ROLE_ARN, assumeRolePolicyDocument=json.dumps(trust)),
        resource("aws-native:iam:RolePolicy", roleName="service", policyName="reads", policyDocument=role),
        resource("aws-native:s3:BucketPolicy", bucket="data", policyDocument=json.dumps(bucket)),
        resource("aws-native:iam:GroupPolicy", groupName="people", policyDocument=people),
    ]


def _native_managed(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    managed = resource("aws-native:iam:ManagedPolicy", policyArn=POLICY_ARN, policyDocument=role, roles=["service"])
    return [*_native_apart(trust, {"Version": "2012-10-17", "Statement": []}, bucket, people), managed]


def _control(kind: str, desired: Document, **made: Any) -> Any:
    return resource(
        "aws:cloudcontrol/resource:Resource",
        typeName=kind,
        desiredState=json.dumps(desired),
        properties=json.dumps({**desired, **made}),
    )


def _cloud_control(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    inline = [{"PolicyName": "reads", "PolicyDocument": role}]
    return [
        _control(
            "AWS::IAM::Role", {"AssumeRolePolicyDocument": trust, "Policies": inline}, RoleName="made", Arn=ROLE_ARN
        ),
        _control("AWS::S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": bucket}),
        _control("AWS::IAM::ManagedPolicy", {"PolicyDocument": people}, PolicyArn=POLICY_ARN),
    ]


def _template(**resources: tuple[str, Document]) -> Any:
    body = {"Resources": {name: {"Type": kind, "Properties": own} for name, (kind, own) in resources.items()}}
    return resource("aws:cloudformation/stack:Stack", templateBody=json.dumps(body))


def _cloudformation(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    return [
        _template(
            Service=("AWS::IAM::Role", {"RoleName": "service", "AssumeRolePolicyDocument": trust}),
            Reads=("AWS::IAM::Policy", {"PolicyDocument": role, "Roles": [{"Ref": "Service"}]}),
            Bucket=("AWS::S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": bucket}),
            People=("AWS::IAM::User", {"Policies": [{"PolicyName": "passes", "PolicyDocument": people}]}),
        )
    ]


def _cloudformation_managed(trust: Document, role: Document, bucket: Document, people: Document) -> list[Any]:
    return [
        _template(
            Service=(
                "AWS::IAM::Role",
                {"RoleName": "service", "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [{"Ref": "Reads"}]},
            ),
            Reads=("AWS::IAM::ManagedPolicy", {"PolicyDocument": role}),
            Bucket=("AWS::S3::BucketPolicy", {"Bucket": "data", "PolicyDocument": bucket}),
            People=("AWS::IAM::Group", {"Policies": [{"PolicyName": "passes", "PolicyDocument": people}]}),
        )
    ]


SPELLINGS: dict[str, Callable[[Document, Document, Document, Document], list[Any]]] = {
    "inline": _inline,
    "inside the role": _inside_the_role,
    "attached by the role": _managed(managedPolicyArns=[POLICY_ARN]),
    "attached": _managed(
        resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", role="service", policyArn=POLICY_ARN)
    ),
    "attached to several": _managed(
        resource("aws:iam/policyAttachment:PolicyAttachment", roles=["x", "service"], policyArn=POLICY_ARN)
    ),
    "attached exclusively": _managed(
        resource(
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
            roleName="service",
            policyArns=[POLICY_ARN],
        )
    ),
    "of users": _of_users,
    "native": _native,
    "native, apart": _native_apart,
    "native, managed": _native_managed,
    "cloud control": _cloud_control,
    "cloudformation": _cloudformation,
    "cloudformation, managed": _cloudformation_managed,
}
