"""Applications, readers and data scientists on the real engine: in a permission set, and each component alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT, people_and_things

pytestmark = pytest.mark.engine

CAMPAIGN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/shop"
PROGRAM = f"""
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import (
    PersonalizeApplicationAccess, PersonalizeDataScientistAccess, PersonalizePermissions, PersonalizeReaderAccess,
)

trust = {{"Version": "2012-10-17", "Statement": [
    {{"Effect": "Allow", "Principal": {{"Service": "lambda.amazonaws.com"}}, "Action": "sts:AssumeRole"}}]}}
function = aws.iam.Role("function", assume_role_policy=json.dumps(trust))
campaign = function.unique_id.apply(lambda _: "{CAMPAIGN}")  # known once it is made, as that of a campaign is

args = json.loads(pulumi.Config().require("args"))
args["applications"][0] |= {{"roles": [function.name], "campaigns": [campaign, *args["applications"][0]["campaigns"]]}}
permissions = PersonalizePermissions("recs", args)
PersonalizeApplicationAccess("ingest", {{"roles": [function.name], "record_events": True}})
PersonalizeReaderAccess("dashboards", {{"users": ["carol"]}})
PersonalizeDataScientistAccess(
    "science", {{"groups": ["group-carol"], "service_role_arn": permissions.service_role_arn}}
)
pulumi.export("function", function.name)
pulumi.export("role", permissions.service_role_arn)
"""
ARGS: dict[str, Any] = {
    "applications": [{"label": "storefront", "campaigns": []}],
    "readers": [{"label": "auditors", "users": ["alice"], "groups": ["group-alice"]}],
    "data_scientists": [{"label": "search", "roles": ["role-alice"], "resource_tags": {"team": "search"}}],
}


def test_each_identity_gets_its_policy_and_each_argument_changes_what_is_its_own(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    iam = sandbox.cloud.iam()
    stack = sandbox.program(PROGRAM, {"args": ARGS})
    assert stack.preview().ok  # with the function's name and the campaign's ARN unknown
    stack.up()
    assert stack.preview().changes == {}
    assert stack.preview("--refresh").changes == {}

    outputs = stack.outputs()
    held = iam.list_attached_role_policies(RoleName=outputs["function"])["AttachedPolicies"]
    assert {policy["PolicyName"].rsplit("-", 1)[0] for policy in held} == {"recs-storefront-policy", "ingest-policy"}
    by_name = {
        policy["PolicyName"].rsplit("-", 1)[0]: iam.get_policy_version(
            PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
        )["PolicyVersion"]["Document"]["Statement"]
        for policy in iam.list_policies(Scope="Local")["Policies"]
    }
    [serving] = by_name["recs-storefront-policy"]
    assert serving["Resource"] == CAMPAIGN
    for science in ("recs-search-policy", "science-policy"):
        [passed] = [each for each in by_name[science] if "iam:PassRole" in each["Action"]]
        assert passed["Resource"] == outputs["role"]

    args = copy.deepcopy(ARGS)
    args["applications"][0]["campaigns"] = [f"{CAMPAIGN}-2"]
    assert changed(stack, args) == {"update": {"recs-storefront-policy"}}
    args["readers"][0]["groups"].insert(0, "group-bob")
    assert changed(stack, args) == {"create": {"recs-auditors-personalize-group-bob"}}
    args["data_scientists"][0]["resource_tags"] = {"team": "ads"}
    assert changed(stack, args) == {"update": {"recs-search-policy"}}
    args["readers"] = []
    gone = {f"recs-auditors{end}" for end in ("", "-policy")} | {
        f"recs-auditors-personalize-{who}" for who in ("alice", "group-alice", "group-bob")
    }
    assert changed(stack, args) == {"delete": gone}
    assert stack.preview().changes == {}

    stack.destroy()
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert {role["RoleName"] for role in iam.list_roles()["Roles"]} == {"role-alice", "role-bob", "role-carol"}


def changed(stack: Project, args: dict[str, Any]) -> dict[str, set[str]]:
    """Run the program with other arguments; return the names of what was changed, by operation."""
    stack.configure({"args": args})
    found: dict[str, set[str]] = {}
    for urn, operation in stack.up().operations.items():
        found.setdefault(operation, set()).add(urn.rsplit("::", 1)[-1])
    return found
