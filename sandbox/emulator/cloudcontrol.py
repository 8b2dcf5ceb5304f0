"""`aws:cloudcontrol/resource:Resource`, for the one type whose trust policies matter here: AWS::IAM::Role.

moto has no Cloud Control API, so the role is made as Cloud Control itself makes it: by IAM.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from sandbox.emulator.iam_role import Role
from sandbox.emulator.resource import Resource
from sandbox.emulator.schema import Failure
from sandbox.emulator.traits import Traits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.emulator.session import Account
    from sandbox.emulator.wire import Props

_ROLE_TYPE: Final = "AWS::IAM::Role"
_NAMES: Final[Mapping[str, str]] = {
    "AssumeRolePolicyDocument": "assumeRolePolicy",
    "Description": "description",
    "ManagedPolicyArns": "managedPolicyArns",
    "MaxSessionDuration": "maxSessionDuration",
    "Path": "path",
    "PermissionsBoundary": "permissionsBoundary",
    "RoleName": "name",
}
"""Properties of CloudFormation's AWS::IAM::Role by those of pulumi-aws's role."""


class CloudControlResource(Resource):
    """A role made through Cloud Control; its id is the role's name."""

    traits = Traits(
        kind="aws:cloudcontrol/resource:Resource",
        label="Cloud Control API (AWS::IAM::Role) Resource",
        replacing=frozenset({"typeName"}),
        computed=frozenset({"schema"}),
        written=frozenset({"desiredState", "typeName"}),
        absent=frozenset({"roleArn", "schema", "typeVersionId"}),
    )

    def __init__(self) -> None:
        self._role = Role()

    @override
    def validate(self, props: Props) -> Iterator[Failure]:
        """Only roles, and only properties that are carried over."""
        if isinstance(props.get("typeName"), str) and props["typeName"] != _ROLE_TYPE:
            yield Failure("typeName", f"the sandbox emulates Cloud Control for {_ROLE_TYPE} alone")
        if isinstance(props.get("desiredState"), str):
            try:
                desired = json.loads(props["desiredState"])
            except ValueError:
                yield Failure("desiredState", "desiredState is not JSON")
                return
            for name in desired.keys() - {*_NAMES, "Tags"}:
                yield Failure("desiredState", f"the sandbox does not emulate {name} of {_ROLE_TYPE}")
            if "RoleName" not in desired:
                yield Failure("desiredState", f"the sandbox needs the RoleName of an {_ROLE_TYPE}")

    @override
    def create(self, account: Account, props: Props) -> str:
        """Create the role."""
        return self._role.make(account, _as_role(props["desiredState"]))[0]

    @override
    def read(self, account: Account, identity: str, known: Props) -> Props | None:
        """The role, in CloudFormation's words."""
        role = self._role.state(account, identity, {})
        if role is None:
            return None
        properties = {theirs: role[ours] for theirs, ours in _NAMES.items() if role.get(ours)}
        properties["AssumeRolePolicyDocument"] = json.loads(role["assumeRolePolicy"])
        return {"properties": json.dumps(properties | {"Arn": role["arn"], "RoleId": role["uniqueId"]})}

    @override
    def update(self, account: Account, identity: str, olds: Props, news: Props, changed: frozenset[str]) -> None:
        """Change the role."""
        before = self._role.state(account, identity, {})
        self._role.change(account, identity, before or {}, _as_role(news["desiredState"]))

    @override
    def delete(self, account: Account, identity: str, state: Props) -> None:
        """Delete the role with its policies, as CloudFormation does."""
        self._role.delete(account, identity, {"forceDetachPolicies": True})


def _as_role(desired: str) -> Props:
    state = json.loads(desired)
    role = {ours: state[theirs] for theirs, ours in _NAMES.items() if theirs in state}
    if not isinstance(role.get("assumeRolePolicy"), str):
        role["assumeRolePolicy"] = json.dumps(role.get("assumeRolePolicy"))
    role["tags"] = {tag["Key"]: tag["Value"] for tag in state.get("Tags", [])}
    return role
