"""What the SDK's own host for components gets wrong, and this package's right: shown from YAML on the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.session import Sandbox
from tests.languages.test_yaml import program

pytestmark = pytest.mark.engine
FAULTS = json.loads((Path(__file__).parent / "faults.json").read_text())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_a_mistake_is_told_without_a_traceback(sandbox: Sandbox, fault: dict[str, Any]) -> None:
    done = program(sandbox, fault["properties"]).preview(check=False)
    assert not done.ok
    for messages in fault["messages"]:
        assert messages in done.output, done.output
    for secret in fault.get("untold", []):
        assert secret not in done.output
    assert 'File "' not in done.output
    assert "Traceback" not in done.output


def test_numbers_choices_and_secrets_arrive_as_they_were_written(sandbox: Sandbox) -> None:
    sandbox.cloud.iam().create_user(UserName="alice")
    sandbox.cloud.s3().create_bucket(Bucket="data")
    stack = program(
        sandbox,
        {
            "users": {"fn::secret": ["alice"]},
            "serviceRole": {"maxSessionDuration": {"fn::secret": 7200}, "path": "/service-role/"},
            "confineToSource": {"fn::secret": True},
            "buckets": [{"bucket": {"fn::secret": "data"}, "label": "data", "uses": ["import", "deletion"]}],
            "tags": {"team": {"fn::secret": "PlantedSecret"}},
        },
    )
    done = stack.up()
    assert "PlantedSecret" not in done.output
    [role] = sandbox.cloud.iam().list_roles(PathPrefix="/service-role/")["Roles"]
    assert role["MaxSessionDuration"] == 7200
    [tag] = sandbox.cloud.iam().list_role_tags(RoleName=role["RoleName"])["Tags"]
    assert tag == {"Key": "team", "Value": "PlantedSecret"}
    policy = json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket="data")["Policy"])
    assert all("aws:SourceAccount" in str(statement["Condition"]) for statement in policy["Statement"])
    assert stack.up().changes == {}


MADE = {"type": "personalize-permissions:PersonalizeAccess", "properties": {"users": ["alice"]}}


def fed(sandbox: Sandbox, properties: dict[str, Any]) -> Any:
    """A stack whose component is given an output of another."""
    sandbox.cloud.iam().create_user(UserName="alice")
    recs = {"type": "personalize-permissions:PersonalizePermissions", "properties": properties}
    return program(sandbox, {}, resources={"people": MADE, "recs": recs})


def test_what_is_unknown_in_a_preview_is_previewed_all_the_same(sandbox: Sandbox) -> None:
    stack = fed(
        sandbox,
        {
            "serviceRole": {"permissionsBoundary": "${people.policyArn}", "description": "Beside ${people.policyArn}"},
            "tags": {"beside": "${people.policyArn}"},
        },
    )
    previewed = stack.preview()
    made = stack.up()
    assert previewed.changes == made.changes
    [role] = sandbox.cloud.iam().list_roles()["Roles"]
    boundary = sandbox.cloud.iam().get_role(RoleName=role["RoleName"])["Role"]["PermissionsBoundary"]
    assert role["Description"] == f"Beside {boundary['PermissionsBoundaryArn']}"


def test_a_mistake_that_shows_once_a_value_is_known_is_told_as_the_others(sandbox: Sandbox) -> None:
    stack = fed(
        sandbox,
        {
            "sourceAccounts": ["${people.policyArn}"],
            "keys": [{"keyArn": "${people.policyArn}", "label": "k", "keyPolicy": "statements"}],
        },
    )
    assert stack.preview().ok
    done = stack.up(check=False)
    assert not done.ok
    assert "sourceAccounts[0]: the value is not an AWS account" in done.output
    assert "keys[0].keyArn: the value is an ARN of another service" in done.output
    assert 'File "' not in done.output
    assert sandbox.cloud.iam().list_roles()["Roles"] == []
