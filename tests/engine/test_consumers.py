"""What is given the service role's ARN, and what a change of the permission set does to it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.session import Project, Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, people_and_things

pytestmark = pytest.mark.engine
PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

permissions = PersonalizePermissions("recs", json.loads(pulumi.Config().require("args")))
aws.iam.Policy(  # its description can only be set when it is made, as a dataset group's role
    "consumer",
    description=permissions.service_role_arn,
    policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}),
)
"""
CHANGES: list[dict[str, Any]] = [{"policy": "managed"}, {"policy": "custom"}]


def attached(sandbox: Sandbox, user: str) -> list[str]:
    found = sandbox.cloud.iam().list_attached_user_policies(UserName=user)["AttachedPolicies"]
    return sorted(each["PolicyName"] for each in found)


def names(stack: Project, kind: str) -> set[str]:
    return {each["urn"].rsplit("::", 1)[-1] for each in stack.resources() if each["type"] == kind}


def test_another_policy_replaces_neither_the_consumer_nor_the_roles_inline_policies(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    args: dict[str, Any] = {
        "users": ["alice"],
        "buckets": [{"bucket": "shop-training", "uses": ["import"]}],
        "keys": [{"key_arn": key, "label": "key", "existing_policy": KEY_ADMINISTRATION}],
    }
    stack = sandbox.program(PROGRAM, {"args": args})
    stack.up()
    untouched = {"consumer", "recs-service-role", *names(stack, "aws:iam/rolePolicy:RolePolicy")}
    assert len(untouched) == 4
    for change in CHANGES:
        args |= change
        stack.configure({"args": args})
        done = stack.up()
        assert not untouched & {urn.rsplit("::", 1)[-1] for urn in done.operations}
        assert stack.preview().changes == {}


def test_another_region_leaves_people_their_policies(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    args = {"users": ["alice"], "policy": "managed", "cloudwatch": "full-access"}
    stack = sandbox.program(PROGRAM, {"args": args})
    stack.up()
    before = attached(sandbox, "alice")
    assert len(before) == 2
    sandbox.run(["config", "set", "aws:region", "us-west-2", "--stack", "test"], stack.folder)
    stack.up()
    assert attached(sandbox, "alice") == before
    assert stack.preview().changes == {}
