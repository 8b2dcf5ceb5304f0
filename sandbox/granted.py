"""What a stack granted to whom, read from the account itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.iam import Effect, PolicyDocument, PrincipalKind, Statement

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient

    from sandbox.cloud import Cloud

SERVICE: Final = "Amazon Personalize"
VEILED: Final = "(secret)"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""Marks what is no plain value in an exported state, as secrets are."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement: who may do what on what."""

    who: str
    """Such as `user alice`, `role recs`, or Amazon Personalize."""
    may: tuple[str, ...]
    """Actions, or the name of a managed policy."""
    on: str
    """Such as `bucket data`, `key 1234…`, `role recs`, `any role`, or `everything`."""
    where: str
    """The kind of policy that says so."""
    provided: str = ""
    """Its conditions, in words."""


_EVERY: Final = {
    "personalize": "all of Personalize",
    "iam:PassRole": "any role",
    "s3": "any bucket",
    "kms": "any key",
    "cloudwatch": "all metrics",
}
"""What "*" is for actions of one service."""


def grants(cloud: Cloud, resources: list[dict[str, Any]]) -> list[Grant]:
    """Return the grants of every policy, attachment and role in a stack's state, as the account has them.

    Denials are no grants, and left out. What the state keeps secret is shown as "(secret)".
    """
    state = _State(resources)
    found = {*_to_identities(cloud.iam(), state), *_on_resources(cloud, state)}
    found |= {Grant(VEILED, (VEILED,), VEILED, where) for where in state.veiled}
    return sorted(found, key=lambda grant: (grant.who, grant.on, grant.where, grant.may))


class _State:
    """The outputs of a stack's resources."""

    def __init__(self, resources: list[dict[str, Any]]) -> None:
        self._outputs: dict[str, list[dict[str, Any]]] = {}
        for resource in resources:
            kind = str(resource["type"]).rsplit(":", 1)[-1]
            self._outputs.setdefault(kind, []).append(resource.get("outputs", {}))
        self._policies = {each["arn"] for each in self._outputs.get("Policy", []) if _is_secret(each["policy"])}
        self.veiled: set[str] = set()
        """The kinds of policies of which some are secret."""

    def shown(self, kind: str, where: str, *fields: str) -> Iterator[dict[str, Any]]:
        """Yield the outputs of each resource of a kind, where none of the fields is secret."""
        for each in self._outputs.get(kind, []):
            if any(_is_secret(each[field]) or each[field] in self._policies for field in fields):
                self.veiled.add(where)
            else:
                yield each


def _to_identities(iam: IAMClient, state: _State) -> Iterator[Grant]:
    for field in ("role", "group", "user"):
        for each in state.shown(f"{field.title()}PolicyAttachment", "attached policy", field, "policyArn"):
            yield from _from_identity(_managed(iam, each["policyArn"]), f"{field} {each[field]}", "attached policy")
    for policy in state.shown("RolePolicy", "role policy", "role", "name", "policy"):
        live = iam.get_role_policy(RoleName=policy["role"], PolicyName=policy["name"])["PolicyDocument"]
        yield from _from_identity(_parsed(live), f"role {policy['role']}", "role policy")


def _on_resources(cloud: Cloud, state: _State) -> Iterator[Grant]:
    for role in state.shown("Role", "trust policy", "name", "assumeRolePolicy"):
        trust = _parsed(cloud.iam().get_role(RoleName=role["name"])["Role"]["AssumeRolePolicyDocument"])
        yield from _from_resource_policy(trust, f"role {role['name']}", "trust policy")
    for policy in state.shown("BucketPolicy", "bucket policy", "bucket", "policy"):
        text = cloud.s3().get_bucket_policy(Bucket=policy["bucket"])["Policy"]
        yield from _from_resource_policy(_parsed(text), f"bucket {policy['bucket']}", "bucket policy")
    for policy in state.shown("KeyPolicy", "key policy", "keyId", "policy"):
        text = cloud.kms().get_key_policy(KeyId=policy["keyId"], PolicyName="default")["Policy"]
        yield from _from_resource_policy(_parsed(text), f"key {policy['keyId'].rsplit('/', 1)[-1]}", "key policy")


def _managed(iam: IAMClient, arn: str) -> PolicyDocument | str:
    if ":aws:policy/" in arn:
        return arn.rsplit("/", 1)[-1]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return _parsed(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and _SIGNATURE in value


def _parsed(document: object) -> PolicyDocument:
    return PolicyDocument.parse(document if isinstance(document, str) else json.dumps(document))


def _from_identity(policy: PolicyDocument | str, who: str, where: str) -> Iterator[Grant]:
    if isinstance(policy, str):
        yield Grant(who, (policy,), "what AWS's policy names", "AWS managed policy")
        return
    for statement in _allowing(policy):
        for thing in {_thing(resource, statement.actions) for resource in statement.resources}:
            yield Grant(who, _actions(statement), thing, where, _provided(statement))


def _from_resource_policy(policy: PolicyDocument, on: str, where: str) -> Iterator[Grant]:
    for statement in _allowing(policy):
        for who in _names(statement):
            yield Grant(who, _actions(statement), on, where, _provided(statement))


def _allowing(policy: PolicyDocument) -> Iterator[Statement]:
    return (statement for statement in policy.statements if statement.effect is Effect.ALLOW)


def _actions(statement: Statement) -> tuple[str, ...]:
    return statement.actions or tuple(f"all but {action}" for action in statement.not_actions)


def _names(statement: Statement) -> Iterable[str]:
    for principal in statement.principals:
        if principal.value == "*":
            yield "everybody"
        elif principal.kind is PrincipalKind.SERVICE:
            yield SERVICE if principal.value == "personalize.amazonaws.com" else principal.value
        elif principal.value.endswith(":root"):
            yield f"account {principal.value.split(':')[4]}"
        else:
            yield principal.value.rsplit(":", 1)[-1].replace("/", " ", 1)


def _thing(resource: str, actions: Iterable[str] = ()) -> str:
    """Return what an ARN names, in words; "*" is everything that the actions are about."""
    if resource == "*":
        services = {"iam:PassRole" if action == "iam:PassRole" else action.partition(":")[0] for action in actions}
        return _EVERY.get(services.pop(), "everything") if len(services) == 1 else "everything"
    match resource.split(":"):
        case [_, _, "s3", "", "", name]:
            return f"bucket {name.partition('/')[0]}"
        case [_, _, "kms", _, _, name]:
            return f"key {name.rpartition('/')[2]}"
        case [_, _, "personalize", region, account, name]:
            return _of_personalize(region, account, name)
    return resource.rsplit(":", 1)[-1].replace("/", " ", 1)


def _of_personalize(region: str, account: str, resource: str) -> str:
    """Return what an ARN of Personalize names: one resource, all of a type, all in a region, or what AWS owns."""
    kind, _, name = resource.partition("/")
    if not account and name == "*":
        return "AWS's recipes and algorithms"
    if kind == "*":
        return f"Personalize in {region}"
    words = kind.replace("-", " ")
    return f"any {words}" if name == "*" else f"{words} {name}"


def _provided(statement: Statement) -> str:
    objects = [resource.partition(":::")[2].partition("/")[2] for resource in statement.resources]
    conditions = [f"the object is {pattern}" for pattern in objects if pattern not in {"", "*"}]
    for condition in statement.conditions:
        base = condition.operator.base
        verb = f"is {'not ' if 'Not' in base else ''}{'like ' if 'Like' in base else ''}"
        conditions.append(f"{condition.key} {verb}{' or '.join(condition.values)}")
    return "; ".join(conditions)
