"""The least permissions of whoever deploys a permission set: `deployment_policy`.

The component itself runs, with mocks in place of AWS, and what it registers is looked up in the table of
`provider_api_calls`: so the names, and what is attached to whom, are the ones that a deployment uses.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from personalize_guardrails.iam import Condition, PolicyDocument, Statement
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._documents import limits
from personalize_permissions._documents.provider_api_calls import CALLS, WITH_BOUNDARY, WITH_POLICY, Step
from personalize_permissions._documents.statements import allow
from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.casing import python_names
from personalize_permissions._validation.report import Spelling, spelled
from personalize_permissions.testing import PermissionsMocks, Registered, run

POLICY_KEY: Final = "iam:PolicyARN"
BOUNDARY_KEY: Final = "iam:PermissionsBoundary"
_ANY_SUFFIX: Final = "?" * (limits.GENERATED_SUFFIX - 1)
"""A pattern for the digits at the end of the names that Pulumi generates."""
_NAMED_BY: Final = {"aws:iam/role:Role": "name", "aws:iam/policy:Policy": "arn"}
"""By which output others refer to what is made."""


def deployment_policy(name: str, *arguments: Mapping[str, Any], account: str, region: str) -> PolicyDocument:
    """Return the least policy for whoever runs `pulumi up`, `refresh` and `destroy` on a permission set.

    `name` is the component's in the program. `arguments` are the component's, as plain values, by the names of Python
    or of the schema; with several, whoever has the policy may also go from any of them to any other, as when a user is
    taken out. `account` and `region` are where the AWS provider works.

    Raises InvalidArgumentsError for arguments which the component would refuse. Names that Pulumi generates are known
    but for their last seven digits; a program that sets its own automatic naming gives names to role and policy.
    """
    sets = [_registered(name, each, account, region) for each in arguments]
    by_set = [{str(found) for each in made if (found := each.inputs.get("permissionsBoundary"))} for made in sets]
    boundaries = set[str]().union(*by_set)
    limited = bool(boundaries) and all(by_set)
    steps = {Step.CREATE, Step.READ, Step.UPDATE, Step.DELETE}
    if boundaries:
        steps |= {Step.LIMIT} if limited else {Step.LIMIT, Step.UNLIMIT}
    patterns = [_patterns(made) for made in sets]
    own = {pattern for each in patterns for pattern in each.values()}
    needs = defaultdict[tuple[str, str], set[str | None]](set)
    for made, named in zip(sets, patterns, strict=True):
        for action, resource, policy in _needs(made, steps, named):
            needs[action, resource].add(policy)

    def conditions(action: str, resource: str) -> Iterator[Condition]:
        policies = needs[action, resource]
        if None not in policies:
            yield Condition.of("ArnLike", POLICY_KEY, *sorted(filter(None, policies)))
        if limited and action in WITH_BOUNDARY and resource in own:
            yield Condition.of("StringEquals", BOUNDARY_KEY, *sorted(boundaries))

    return PolicyDocument(_statements((*need, tuple(conditions(*need))) for need in sorted(needs)))


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


def _patterns(made: Sequence[Registered]) -> dict[str, str]:
    """Return the ARNs of roles, by their names, and of policies, by their ARNs in this run.

    They have `?` for each random character of a generated name.
    """
    patterns = {}
    for each in made:
        if each.type in _NAMED_BY:
            arn = str(each.outputs["arn"])
            pattern = arn if each.inputs.get("name") else arn[: -len(_ANY_SUFFIX)] + _ANY_SUFFIX
            patterns[str(each.outputs[_NAMED_BY[each.type]])] = pattern
    return patterns


def _needs(
    made: Sequence[Registered], steps: AbstractSet[Step], patterns: Mapping[str, str]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield each IAM action that the steps take, its resource, and the only policy that it is needed for, if any."""
    for each in made:
        policy = str(each.inputs.get("policyArn"))
        for call in CALLS[each.type]:
            if call.step in steps:
                about = call.action in WITH_POLICY and "policyArn" in each.inputs
                for resource in _resources(each, patterns):
                    yield call.action, resource, patterns.get(policy, policy) if about else None


def _resources(each: Registered, patterns: Mapping[str, str]) -> Sequence[str]:
    """Return the ARNs that the calls for a resource are about."""
    match each.type:
        case "aws:iam/role:Role" | "aws:iam/policy:Policy":
            return [patterns[str(each.outputs[_NAMED_BY[each.type]])]]
        case "aws:s3/bucketPolicy:BucketPolicy":
            return [f"arn:{each.place.partition}:s3:::{each.inputs['bucket']}"]
        case "aws:kms/keyPolicy:KeyPolicy":
            place = each.place
            return [f"arn:{place.partition}:kms:{place.region}:{place.account}:key/{each.inputs['keyId']}"]
    [(kind, principal)] = [(kind, str(each.inputs[kind])) for kind in ("user", "group", "role") if kind in each.inputs]
    if kind == "role" and principal in patterns:
        return [patterns[principal]]
    start = f"arn:{each.place.partition}:iam::{each.place.account}:{kind}/"
    return [
        f"{start}{principal}",
        f"{start}*/{principal}",
    ]  # the second for one with a path, which a name does not tell


def _statements(needs: Iterable[tuple[str, str, tuple[Condition, ...]]]) -> tuple[Statement, ...]:
    """Return one statement for all that share their conditions, actions and resources."""
    actions = defaultdict[tuple[str, tuple[Condition, ...]], list[str]](list)
    for action, resource, conditions in needs:
        actions[resource, conditions].append(action)
    resources = defaultdict[tuple[tuple[str, ...], tuple[Condition, ...]], list[str]](list)
    for (resource, conditions), wanted in actions.items():
        resources[tuple(wanted), conditions].append(resource)
    return tuple(allow(wanted, *on, conditions=conditions) for (wanted, conditions), on in resources.items())
