"""Every policy with every CloudWatch access, side by side in one stack: what each principal has in the account."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.cloud import Cloud
from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT
from tests.support.inline import MakeSandbox

pytestmark = pytest.mark.engine

POLICIES = ("custom", "managed", "least-privilege")
CLOUDWATCH = {
    "none": set[str](),
    "full-access": {"arn:aws:iam::aws:policy/CloudWatchFullAccess"},
    "full-access-v2": {"arn:aws:iam::aws:policy/CloudWatchFullAccessV2"},
}
MODES = list(itertools.product(POLICIES, CLOUDWATCH))
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
PASSED = {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}

PROGRAM = f"""
import pulumi
from personalize_permissions import PersonalizePermissions

for policy, cloudwatch in {MODES!r}:
    name = f"{{policy}}-{{cloudwatch}}"
    made = PersonalizePermissions(name, {{
        "users": [f"user-{{name}}"], "groups": [f"group-{{name}}"], "roles": [f"role-{{name}}"],
        "policy": policy, "cloudwatch": cloudwatch,
    }})
    pulumi.export(name, {{"role": made.service_role_arn, "policy": made.policy_arn, "trust": made.trust_policy}})
"""
FOREIGN_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    }
)


class Provisioned:
    """The stack with every mode in it, and what it put out."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.iam = sandbox.cloud.iam()
        for policy, cloudwatch in MODES:
            name = f"{policy}-{cloudwatch}"
            self.iam.create_user(UserName=f"user-{name}")
            self.iam.create_group(GroupName=f"group-{name}")
            self.iam.create_role(RoleName=f"role-{name}", AssumeRolePolicyDocument=FOREIGN_TRUST)
        self.project: Project = sandbox.program(PROGRAM)
        self.project.up()
        self.outputs = self.project.outputs()

    def attached(self, kind: str, name: str) -> set[str]:
        """ARNs of the policies on a user, group or role."""
        ask = getattr(self.iam, f"list_attached_{kind}_policies")
        return {policy["PolicyArn"] for policy in ask(**{f"{kind.capitalize()}Name": name})["AttachedPolicies"]}

    def statements(self, policy_arn: str) -> list[dict[str, Any]]:
        """What a policy made here says."""
        version = self.iam.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
        document: Any = self.iam.get_policy_version(PolicyArn=policy_arn, VersionId=version)["PolicyVersion"][
            "Document"
        ]
        return [
            {key: value for key, value in statement.items() if key not in {"Sid", "Effect"}}
            for statement in document["Statement"]
        ]


@pytest.fixture(scope="module")
def provisioned(
    make_sandbox: MakeSandbox, account: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provisioned]:
    account.reset()
    yield Provisioned(make_sandbox(tmp_path_factory.mktemp("modes")))
    account.reset()


@pytest.mark.parametrize(("policy", "cloudwatch"), MODES)
def test_each_mode_grants_people_and_service_role_what_it_says(
    policy: str, cloudwatch: str, provisioned: Provisioned
) -> None:
    name = f"{policy}-{cloudwatch}"
    outputs = provisioned.outputs[name]
    people = {outputs["policy"]} | CLOUDWATCH[cloudwatch]
    for kind in ("user", "group", "role"):
        assert provisioned.attached(kind, f"{kind}-{name}") == people

    role = outputs["role"].rsplit("/", 1)[-1]
    [on_role] = provisioned.attached("role", role)
    everything: dict[str, Any] = {"Action": ["personalize:*"], "Resource": "*"}
    match policy:
        case "custom":
            passing = {"Action": ["iam:PassRole"], "Resource": "*", "Condition": PASSED}
            assert on_role == outputs["policy"]
            assert provisioned.statements(outputs["policy"]) == [everything, passing]
        case "managed":
            assert on_role == outputs["policy"] == MANAGED
        case "least-privilege":
            passing = {"Action": ["iam:PassRole"], "Resource": outputs["role"], "Condition": PASSED}
            assert provisioned.statements(outputs["policy"]) == [everything, passing]
            assert provisioned.statements(on_role) == [everything]


def test_every_role_is_trusted_for_the_account_and_nothing_is_shared_between_sets(provisioned: Provisioned) -> None:
    trusts = {outputs["trust"] for outputs in provisioned.outputs.values()}
    [trust] = map(json.loads, trusts)
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
    }
    assert len({outputs["role"] for outputs in provisioned.outputs.values()}) == len(MODES)


def test_the_next_run_changes_nothing(provisioned: Provisioned) -> None:
    assert provisioned.project.up("--refresh").changes == {}
