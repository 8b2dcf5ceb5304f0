"""What a stack granted to whom, read from the account itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam import PolicyDocument, PrincipalKind, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.cloud import Cloud

SERVICE: Final = "Amazon Personalize"


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement that stands between somebody and something."""

    who: str
    """Such as `user alice`, `role recs`, or Amazon Personalize."""
    may: tuple[str, ...]
    """Actions, or the name of a managed policy."""
    on: str
    """Such as `bucket data`, `key 1234…`, `role recs`, or `everything`."""
    where: str
    """The kind of policy that says so."""
    provided: str = ""
    """Its conditions, in words."""


def grants(cloud: Cloud, resources: list[dict[str, Any]]) -> list[Grant]:
    """The grants of every policy, attachment and role in a stack's state, as they stand in the account."""
    iam = cloud.iam()
    inputs: dict[str, list[dict[str, Any]]] = {}
    for resource in resources:
        kind = str(resource["type"]).rsplit(":", 1)[-1]
        inputs.setdefault(kind, []).append(resource.get("outputs", {}))

    def managed(arn: str) -> PolicyDocument | str:
        if ":aws:policy/" in arn:
            return arn.rsplit("/", 1)[-1]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return _parsed(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])

    found: list[Grant] = []
    for role in inputs.get("Role", []):
        trust = _parsed(iam.get_role(RoleName=role["name"])["Role"]["AssumeRolePolicyDocument"])
        found += _from_resource_policy(trust, f"role {role['name']}", "trust policy")
    for kind, field in (
        ("RolePolicyAttachment", "role"),
        ("GroupPolicyAttachment", "group"),
        ("UserPolicyAttachment", "user"),
    ):
        for attachment in inputs.get(kind, []):
            found += _from_identity(managed(attachment["policyArn"]), f"{field} {attachment[field]}", "attached policy")
    for policy in inputs.get("RolePolicy", []):
        stands = iam.get_role_policy(RoleName=policy["role"], PolicyName=policy["name"])["PolicyDocument"]
        found += _from_identity(_parsed(stands), f"role {policy['role']}", "role policy")
    for policy in inputs.get("BucketPolicy", []):
        text = cloud.s3().get_bucket_policy(Bucket=policy["bucket"])["Policy"]
        found += _from_resource_policy(_parsed(text), f"bucket {policy['bucket']}", "bucket policy")
    for policy in inputs.get("KeyPolicy", []):
        text = cloud.kms().get_key_policy(KeyId=policy["keyId"], PolicyName="default")["Policy"]
        found += _from_resource_policy(_parsed(text), _thing(policy["keyId"]), "key policy")
    return sorted(set(found), key=lambda grant: (grant.who, grant.on, grant.where, grant.may))


def _parsed(document: object) -> PolicyDocument:
    return PolicyDocument.parse(document if isinstance(document, str) else json.dumps(document))


def _from_identity(policy: PolicyDocument | str, who: str, where: str) -> Iterator[Grant]:
    if isinstance(policy, str):
        yield Grant(who, (policy,), "everything", "AWS managed policy")
        return
    for statement in policy.statements:
        for thing in {_thing(resource) for resource in statement.resources}:
            yield Grant(who, statement.actions, thing, where, _provided(statement))


def _from_resource_policy(policy: PolicyDocument, on: str, where: str) -> Iterator[Grant]:
    for statement in policy.statements:
        for who in _names(statement):
            yield Grant(who, statement.actions, on, where, _provided(statement))


def _names(statement: Statement) -> Iterable[str]:
    for principal in statement.principals:
        if principal.kind is PrincipalKind.SERVICE:
            yield SERVICE if principal.value == "personalize.amazonaws.com" else principal.value
        elif principal.value.endswith(":root"):
            yield f"account {principal.value.split(':')[4]}"
        else:
            yield principal.value.rsplit(":", 1)[-1].replace("/", " ", 1)


def _thing(resource: str) -> str:
    if resource == "*":
        return "everything"
    if ":s3:::" in resource:
        return f"bucket {resource.split(':::')[1].split('/', 1)[0]}"
    if ":kms:" in resource:
        return f"key {resource.rsplit('/', 1)[-1]}"
    return resource.rsplit(":", 1)[-1].replace("/", " ", 1)


def _provided(statement: Statement) -> str:
    return "; ".join(
        f"{condition.key} is {'like ' if 'Like' in condition.operator.base else ''}{' or '.join(condition.values)}"
        for condition in statement.conditions
    )
