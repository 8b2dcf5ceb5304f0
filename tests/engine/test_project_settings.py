"""What the project and the provider set for every resource: generated names, and default tags."""

from __future__ import annotations

import json

import pytest

from sandbox.session import Sandbox
from tests.engine.programs import PROGRAM

pytestmark = pytest.mark.engine


def test_settings_that_would_stop_an_update_are_refused_in_the_preview(sandbox: Sandbox) -> None:
    tagged = {"tags": {"team": "data"}}
    project = sandbox.program(PROGRAM, {"shop:args": tagged, "aws:defaultTags": {"tags": {"Team": "shop"}}})
    refused = project.preview(check=False)
    assert refused.code != 0
    assert 'tags: "team" differs in case only from a default tag of the AWS provider' in refused.output
    assert "+  aws:iam:Role " not in refused.output

    project.configure({"shop:args": {"tags": {"Team": "data"}}})
    sandbox.run(["config", "set", "--path", "pulumi:autonaming.mode", "disabled", "--stack", "test"], project.folder)
    refused = project.preview(check=False)
    assert refused.code != 0
    assert "policy_name: is missing; pulumi:autonaming is disabled, so no name is generated" in refused.output

    named = {"policy_name": "people", "service_role": {"name": "recommender"}, "tags": {"Team": "data"}}
    project.configure({"shop:args": named})
    assert project.up().code == 0
    assert project.outputs()["role"].endswith(":role/recommender")
    [role] = sandbox.cloud.iam().list_roles()["Roles"]
    tags = sandbox.cloud.iam().list_role_tags(RoleName=role["RoleName"])["Tags"]
    assert json.dumps(tags) == json.dumps([{"Key": "Team", "Value": "data"}])
