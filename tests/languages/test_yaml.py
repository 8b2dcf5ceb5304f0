"""Programs in YAML, through the component package, on the real engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from personalize_permissions._hosts.provider import PersonalizeProvider
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox

SNAPSHOT = Path(__file__).parent / "schema.json"


def program(sandbox: Sandbox, properties: dict[str, Any], **more: Any) -> Project:
    folder = sandbox.root / "projects" / "yaml"
    folder.mkdir(parents=True, exist_ok=True)
    source = {
        "name": "shop",
        "runtime": "yaml",
        "packages": {"personalize-permissions": str(REPOSITORY / "components")},
        "resources": {"recs": {"type": "personalize-permissions:PersonalizePermissions", "properties": properties}},
        "outputs": {
            "role": "${recs.serviceRoleArn}",
            "trust": "${recs.trustPolicy}",
            "buckets": "${recs.bucketPolicies}",
        },
        **more,
    }
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(source))
    return sandbox.project(folder)


@pytest.mark.engine
def test_the_example_provisions_the_permission_set(sandbox: Sandbox) -> None:
    iam = sandbox.cloud.iam()
    iam.create_user(UserName="alice")
    iam.create_group(GroupName="data-science")
    sandbox.cloud.s3().create_bucket(Bucket="training-data")
    folder = sandbox.root / "example"
    shutil.copytree(REPOSITORY / "examples/yaml", folder)
    text = (folder / "Pulumi.yaml").read_text().replace("../../components", str(REPOSITORY / "components"))
    (folder / "Pulumi.yaml").write_text(text)
    stack = sandbox.project(folder)
    stack.up()
    role = iam.get_role(RoleName=stack.outputs()["serviceRoleArn"].rsplit("/", 1)[-1])["Role"]
    assert role["MaxSessionDuration"] == 7200
    assert role["AssumeRolePolicyDocument"] == json.loads(stack.outputs()["trustPolicy"])
    assert stack.up().changes == {}
    stack.destroy()


@pytest.mark.engine
def test_mistakes_are_told_together_in_the_names_of_the_schema(sandbox: Sandbox) -> None:
    stack = program(
        sandbox,
        {
            "sourceAccounts": ["12"],
            "serviceRole": {"maxSessionDuration": 60},
            "buckets": [{"bucket": "arn:aws:s3:::data", "uses": ["import"]}],
            "keys": [{"keyArn": "alias/personalize"}],
        },
    )
    done = stack.up(check=False)
    assert not done.ok
    for messages in (
        "sourceAccounts[0]",
        "serviceRole.maxSessionDuration",
        "buckets[0].bucket",
        "keys[0].keyArn",
        "keys[0].existingPolicy",
        "set `keyPolicy`",
    ):
        assert messages in done.output
    assert "Traceback" not in done.output
    assert 'File "' not in done.output
    assert sandbox.cloud.iam().list_roles()["Roles"] == []


@pytest.mark.engine
def test_a_mistake_that_shows_late_has_no_traceback_either(sandbox: Sandbox) -> None:
    stack = program(sandbox, {})
    stack.configure({"aws:region": "eu-north-1"})
    done = stack.up(check=False)
    assert not done.ok
    assert "does not exist in eu-north-1" in done.output
    assert 'File "' not in done.output


@pytest.mark.engine
def test_secrets_and_values_of_other_resources_keep_their_nature(sandbox: Sandbox) -> None:
    sandbox.cloud.iam().create_user(UserName="alice")
    sandbox.cloud.s3().create_bucket(Bucket="data")
    stack = program(
        sandbox,
        {
            "users": [{"fn::secret": "alice"}],
            "serviceRole": {"fn::secret": {"maxSessionDuration": 7200, "description": "PlantedSecret"}},
            "buckets": [{"bucket": "data", "uses": ["export", "metrics"]}],
        },
    )
    done = stack.up()
    assert "PlantedSecret" not in done.output
    state = "".join(path.read_text() for path in (sandbox.root / "state").rglob("*.json"))
    assert "PlantedSecret" not in state
    [role] = sandbox.cloud.iam().list_roles()["Roles"]
    assert role["MaxSessionDuration"] == 7200
    assert role["Description"] == "PlantedSecret"
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    actions = {
        action
        for statement in json.loads(stack.outputs()["buckets"]["data"])["Statement"]
        for action in statement["Action"]
    }
    assert actions == {"s3:PutObject", "s3:ListBucket"}
    assert stack.up().changes == {}


def test_the_schema_is_the_committed_one() -> None:
    """Renew with: python -c "from tests.languages.test_yaml import renew; renew()"."""
    assert json.loads(PersonalizeProvider().schema or "") == json.loads(SNAPSHOT.read_text())


def renew() -> None:
    SNAPSHOT.write_text(json.dumps(json.loads(PersonalizeProvider().schema or ""), indent=2, sort_keys=True) + "\n")


def test_the_schema_is_complete() -> None:
    schema = json.loads(SNAPSHOT.read_text())
    assert len(schema["resources"]) == 8
    for component in schema["resources"].values():
        assert component["isComponent"]
        for name, field in {**component["inputProperties"], **component["properties"]}.items():
            assert field.get("description"), name
            assert "_" not in name
    required = {
        name.rsplit(":", 1)[-1]: set(one.get("requiredInputs", [])) for name, one in schema["resources"].items()
    }
    assert required == {
        "PersonalizePermissions": set(),
        "PersonalizeAccess": set(),
        "PersonalizeServiceRole": set(),
        "PersonalizeBucketAccess": {"bucket", "uses", "serviceRoleName"},
        "PersonalizeKeyAccess": {"keyArn", "serviceRoleArn"},
        "PersonalizeApplicationAccess": set(),
        "PersonalizeReaderAccess": set(),
        "PersonalizeDataScientistAccess": {"serviceRoleArn"},
    }
