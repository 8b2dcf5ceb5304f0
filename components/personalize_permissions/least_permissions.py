"""The least permissions of whoever deploys a permission set: `deployment_policy`.

The component itself runs, with mocks in place of AWS, and what it registers is looked up in the table of
`provider_api_calls`: so the names, and what is attached to whom, are the ones that a deployment uses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from personalize_guardrails.iam import Condition, Effect, PolicyDocument, Statement
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._documents import limits
from personalize_permissions._documents.provider_api_calls import CALLS, WITH_BOUNDARY, WITH_POLICY, Step
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import Spelling, spelled
from personalize_permissions.testing import PermissionsMocks, Registered, run

POLICY_KEY: Final = "iam:PolicyARN"
BOUNDARY_KEY: Final = "iam:PermissionsBoundary"
_ANY_SUFFIX: Final = "?" * (limits.GENERATED_SUFFIX - 1)
"""Stands for the digits that end the names which Pulumi generates."""


def deployment_policy(name: str, *arguments: Mapping[str, Any], account: str, region: str) -> PolicyDocument:
    """Return the least policy for whoever runs `pulumi up`, `refresh` and `destroy` on a permission set.

    `name` is the component's in the program. `arguments` are the component's, as plain values, by the names of Python
    or of the schema; with several, whoever has the policy may also go from any of them to any other, as when a user is
    taken out. `account` and `region` are where the AWS provider works.

    Raises InvalidArgumentsError for arguments which the component would refuse. Names that Pulumi generates are known
    but for their last seven digits; a program that sets its own automatic naming gives names to role and policy.
    """
    sets = [_registered(name, each, account, region) for each in arguments]
    boundaries = [str(boundary) for made in sets for boundary in _boundaries(made)]
    limited = bool(boundaries) and all(map(_boundaries, sets))
    changes = {Step.LIMIT} if limited else {Step.LIMIT, Step.UNLIMIT} if boundaries else set()
    needs: dict[tuple[str, str], set[str] | None] = {}
    for made in sets:
        for need in _needs(made, changes):
            policies = needs.setdefault((need.action, need.resource), set())
            if need.policy is None:
                needs[need.action, need.resource] = None
            elif policies is not None:
                policies.add(need.policy)
    roles = {arn for made in sets for arn in _named(made).roles.values()}

    def conditions(action: str, resource: str, policies: set[str] | None) -> Iterator[Condition]:
        if policies:
            yield Condition.of("ArnLike", POLICY_KEY, *sorted(policies))
        if limited and action in WITH_BOUNDARY and resource in roles:
            yield Condition.of("StringEquals", BOUNDARY_KEY, *sorted(set(boundaries)))

    return PolicyDocument(_statements((*key, tuple(conditions(*key, needs[key]))) for key in sorted(needs)))


@dataclass(frozen=True, slots=True)
class _Need:
    action: str
    resource: str
    policy: str | None = None
    """The only policy that it is needed for, where it is about one."""


@dataclass(frozen=True, slots=True)
class _Names:
    """ARNs of what is made, with `?` for generated digits: of roles by name, of policies by the ARN in this run."""

    roles: Mapping[str, str]
    policies: Mapping[str, str]


def _registered(name: str, arguments: Mapping[str, Any], account: str, region: str) -> Sequence[Registered]:
    """Return what one set of arguments makes."""
    mocks = PermissionsMocks(account=account, region=region, partition="aws-cn" if region.startswith("cn-") else "aws")
    spelling = Spelling.PYTHON if _has_python_names(arguments) else Spelling.SCHEMA

    def program() -> None:
        with spelled(spelling):
            PersonalizePermissions(name, python_names(argument_schemas.PERMISSIONS, arguments))  # type: ignore[arg-type] # validated there

    run(program, mocks)
    return [each for each in mocks.registered if each.type in CALLS]


def _has_python_names(value: object) -> bool:
    match value:
        case Mapping():
            return any("_" in str(key) or (key != "tags" and _has_python_names(item)) for key, item in value.items())
        case list():
            return any(map(_has_python_names, value))
    return False


def _boundaries(made: Sequence[Registered]) -> list[object]:
    return [each.inputs["permissionsBoundary"] for each in made if each.inputs.get("permissionsBoundary")]


def _named(made: Sequence[Registered]) -> _Names:
    """Return the ARNs of roles and policies, with `?` for each random character of a generated name."""
    roles, policies = {}, {}
    for each in made:
        arn = str(each.outputs.get("arn"))
        pattern = arn if each.inputs.get("name") else arn[: -len(_ANY_SUFFIX)] + _ANY_SUFFIX
        if each.type == "aws:iam/role:Role":
            roles[str(each.outputs["name"])] = pattern
        elif each.type == "aws:iam/policy:Policy":
            policies[arn] = pattern
    return _Names(roles, policies)


def _needs(made: Sequence[Registered], changes: set[Step]) -> Iterator[_Need]:
    """Yield each IAM action that the steps take, with its resource and the policy that it is about."""
    names = _named(made)
    steps = {Step.CREATE, Step.READ, Step.UPDATE, Step.DELETE, *changes}
    for each in made:
        policy = str(each.inputs.get("policyArn"))
        for call in CALLS[each.type]:
            if call.step not in steps:
                continue
            about = call.action in WITH_POLICY and "policyArn" in each.inputs
            for resource in _resources(each, names):
                yield _Need(call.action, resource, names.policies.get(policy, policy) if about else None)


def _resources(each: Registered, names: _Names) -> Sequence[str]:
    """Return the ARNs that the calls for a resource are about."""
    match each.type:
        case "aws:iam/role:Role":
            return [names.roles[str(each.outputs["name"])]]
        case "aws:iam/policy:Policy":
            return [names.policies[str(each.outputs["arn"])]]
        case "aws:s3/bucketPolicy:BucketPolicy":
            return [f"arn:{each.place.partition}:s3:::{each.inputs['bucket']}"]
        case "aws:kms/keyPolicy:KeyPolicy":
            place = each.place
            return [f"arn:{place.partition}:kms:{place.region}:{place.account}:key/{each.inputs['keyId']}"]
    [(kind, principal)] = [(kind, str(each.inputs[kind])) for kind in ("user", "group", "role") if kind in each.inputs]
    if kind == "role" and principal in names.roles:
        return [names.roles[principal]]
    start = f"arn:{each.place.partition}:iam::{each.place.account}:{kind}/"
    return [
        f"{start}{principal}",
        f"{start}*/{principal}",
    ]  # the second for one with a path, which a name does not tell


def _statements(needs: Iterable[tuple[str, str, tuple[Condition, ...]]]) -> tuple[Statement, ...]:
    """Return one statement for all that share their conditions, actions and resources."""
    actions: dict[tuple[str, tuple[Condition, ...]], list[str]] = {}
    for action, resource, conditions in needs:
        actions.setdefault((resource, conditions), []).append(action)
    resources: dict[tuple[tuple[str, ...], tuple[Condition, ...]], list[str]] = {}
    for (resource, conditions), wanted in actions.items():
        resources.setdefault((tuple(wanted), conditions), []).append(resource)
    return tuple(
        Statement(effect=Effect.ALLOW, actions=wanted, resources=tuple(on), conditions=conditions)
        for (wanted, conditions), on in resources.items()
    )
