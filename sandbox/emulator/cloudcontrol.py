"""Cloud Control, which moto does not have, for the one type whose trust policies matter here: AWS::IAM::Role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from sandbox.emulator import iam
from sandbox.emulator.resource import Resource
from sandbox.emulator.rules import table
from sandbox.emulator.session import Account, AwsError

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values

_NAMES: Final[Mapping[str, str]] = {
    "AssumeRolePolicyDocument": "assume_role_policy",
    "Description": "description",
    "ManagedPolicyArns": "managed_policy_arns",
    "RoleName": "name",
}
"""Properties of AWS::IAM::Role by the attributes of `aws_iam_role`."""


class ControlledRole(Resource):
    """A role, made by IAM; its id is the role's name."""

    _role = iam.Role()

    @override
    def create(self, account: Account, wanted: Values) -> str:
        return self._role.create(account, _as_role(wanted))

    @override
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        role = self._role.read(account, identity, {})
        return role and {"properties": json.dumps({theirs: role[ours] for theirs, ours in _NAMES.items()})}

    @override
    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:
        old, new = _as_role(before), _as_role(wanted)
        self._role.update(account, identity, old, new, frozenset(name for name in new if old[name] != new[name]))

    @override
    def delete(self, account: Account, identity: str, state: Values) -> None:
        self._role.delete(account, identity, {"force_detach_policies": True})


def _as_role(values: Values) -> Values:
    """Return the attributes of the role; AwsError where it has others than the sandbox makes."""
    desired = json.loads(values["desired_state"])
    if values["type_name"] != "AWS::IAM::Role" or "RoleName" not in desired or desired.keys() - _NAMES.keys():
        raise AwsError(f"the emulated provider makes AWS::IAM::Role with {', '.join(_NAMES)} alone")
    rules = table("resources")["aws_iam_role"]
    return {name: rule.default for name, rule in rules.items()} | {_NAMES[name]: desired[name] for name in desired}
