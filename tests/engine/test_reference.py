"""The reference stack, from its configuration alone: every setting of it, secret ones, and mistakes in it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from typing import Any

import pytest
import yaml

from personalize_permissions._validation import argument_schemas
from personalize_permissions._validation.report import Spelling
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, foreign_policy, people_and_things

pytestmark = pytest.mark.engine
PROJECT: dict[str, Any] = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())


def reference(sandbox: Sandbox, config: dict[str, Any]) -> Project:
    """A copy of the reference stack, with that configuration in a stack file."""
    folder = sandbox.root / "reference"
    folder.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(REPOSITORY / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    stack = sandbox.project(folder)
    configure(stack, config)
    return stack


def configure(stack: Project, config: dict[str, Any]) -> None:
    """Write the stack file as a user does, lists and objects in YAML."""
    file = stack.folder / "Pulumi.test.yaml"
    settings = yaml.safe_load(file.read_text())
    named = {name if ":" in name else f"{PROJECT['name']}:{name}": value for name, value in config.items()}
    file.write_text(yaml.safe_dump({**settings, "config": {"aws:region": "us-east-1", **named}}))


def everything(sandbox: Sandbox) -> dict[str, Any]:
    """A value other than the default for every setting of the project."""
    key = people_and_things(sandbox)
    sandbox.cloud.iam().create_policy(PolicyName="boundary", PolicyDocument=json.dumps(BOUNDARY))
    sandbox.cloud.s3().put_bucket_policy(Bucket="shop-results", Policy=foreign_policy("shop-results"))
    return {
        "users": ["alice"],
        "groups": ["group-alice"],
        "roles": ["role-alice"],
        "policy": "least-privilege",
        "policyName": "people-of-personalize",
        "policyPath": "/shop/",
        "cloudwatch": "full-access-v2",
        "serviceRole": {
            "name": "recommender",
            "path": "/service/",
            "description": "Recommends",
            "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            "maxSessionDuration": 7200,
        },
        "sourceAccounts": [ACCOUNT, "210987654321"],
        "sourceArns": [f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-import-job/*"],
        "buckets": [
            {"bucket": "shop-training", "uses": ["import", "batch"], "prefix": "in/", "label": "training"},
            {"bucket": "shop-results", "uses": ["export"], "existingPolicy": foreign_policy("shop-results")},
            {"bucket": "shop-reports", "uses": ["metrics"], "bucketPolicy": "statements"},
        ],
        "keys": [{"keyArn": key, "existingPolicy": KEY_ADMINISTRATION, "datasetExport": True}],
        "confineToSource": True,
        "managedPoliciesQuota": 11,
        "tags": {"team": "shop"},
        "applications": [{"label": "storefront", "roles": ["role-bob"], "campaigns": [CAMPAIGN], "recordEvents": True}],
        "readers": [{"label": "auditors", "users": ["bob"]}],
        "dataScientists": [{"label": "search", "groups": ["group-bob"], "resourceTags": {"team": "search"}}],
    }


CAMPAIGN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/shop"
BOUNDARY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def test_every_argument_of_the_component_can_be_set() -> None:
    assert set(PROJECT["config"]) == {
        Spelling.SCHEMA.write(argument) for argument in argument_schemas.PERMISSIONS.fields
    }
    assert all(setting["description"] for setting in PROJECT["config"].values())


def test_every_setting_reaches_the_account(sandbox: Sandbox) -> None:
    config = everything(sandbox)
    assert set(config) == set(PROJECT["config"])
    stack = reference(sandbox, config)
    stack.up()
    found = stack.outputs()
    iam, s3 = sandbox.cloud.iam(), sandbox.cloud.s3()

    role = iam.get_role(RoleName="recommender")["Role"]
    assert found["serviceRoleName"] == "recommender"
    assert found["serviceRoleArn"] == role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/service/recommender"
    assert (role["Description"], role["MaxSessionDuration"]) == ("Recommends", 7200)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == config["serviceRole"]["permissionsBoundary"]
    assert role["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert role["AssumeRolePolicyDocument"] == json.loads(found["trustPolicy"])
    conditions = json.loads(found["trustPolicy"])["Statement"][0]["Condition"]
    assert conditions == {
        "StringEquals": {"aws:SourceAccount": config["sourceAccounts"]},
        "ArnLike": {"aws:SourceArn": config["sourceArns"][0]},
    }

    assert found["policyArn"] == f"arn:aws:iam::{ACCOUNT}:policy/shop/people-of-personalize"
    document: Any = iam.get_policy_version(PolicyArn=found["policyArn"], VersionId="v1")["PolicyVersion"]["Document"]
    assert document["Statement"][1]["Resource"] == role["Arn"]
    for kind, name in (("user", "alice"), ("group", "group-alice"), ("role", "role-alice")):
        attached = getattr(iam, f"list_attached_{kind}_policies")(**{f"{kind.capitalize()}Name": name})
        arns = {policy["PolicyArn"] for policy in attached["AttachedPolicies"]}
        assert arns >= {found["policyArn"], "arn:aws:iam::aws:policy/CloudWatchFullAccessV2"}
        assert len(arns) == 3

    for kind, name, label in (
        ("role", "role-bob", "storefront"),
        ("user", "bob", "auditors"),
        ("group", "group-bob", "search"),
    ):
        attached = getattr(iam, f"list_attached_{kind}_policies")(**{f"{kind.capitalize()}Name": name})
        assert [each["PolicyName"].rsplit("-", 1)[0] for each in attached["AttachedPolicies"]] == [
            f"test-{label}-policy"
        ]

    assert set(found["bucketPolicies"]) == {"shop-training", "shop-results", "shop-reports"}
    for bucket in ("shop-training", "shop-results"):
        assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(found["bucketPolicies"][bucket])
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="shop-reports")
    training = json.loads(found["bucketPolicies"]["shop-training"])["Statement"]
    assert "arn:aws:s3:::shop-training/in/*" in json.dumps(training)
    assert all("aws:SourceAccount" in json.dumps(statement["Condition"]) for statement in training)
    assert "Backup" in found["bucketPolicies"]["shop-results"]
    on_key = found["keyPolicies"][config["keys"][0]["keyArn"]]
    assert "kms:GenerateDataKeyWithoutPlaintext" in on_key
    assert stack.up().changes == {}


def test_the_defaults_make_a_role_that_nobody_else_can_use(sandbox: Sandbox) -> None:
    stack = reference(sandbox, {})
    stack.up()
    found = stack.outputs()
    assert found["bucketPolicies"] == found["keyPolicies"] == {}
    [role] = sandbox.cloud.iam().list_roles()["Roles"]
    assert role["Arn"] == found["serviceRoleArn"]
    assert stack.destroy().ok
    assert sandbox.cloud.iam().list_roles()["Roles"] == []


WRONG: dict[str, Any] = {
    "users": ["alice", "arn:aws:iam::123456789012:user/bob"],
    "policy": "customm",
    "serviceRole": {"maxSessionDuration": 60, "permissionBoundary": "x"},
    "sourceAccounts": ["12"],
    "buckets": [{"bucket": "shop-results", "uses": ["imports"], "existingPolicy": "{"}],
    "keys": [{"keyArn": "alias/personalize"}],
    "policyPath": "shop",
}


def test_mistakes_are_reported_together_by_the_names_of_the_settings(sandbox: Sandbox) -> None:
    done = reference(sandbox, WRONG).preview(check=False)
    assert not done.ok
    for reported in (
        'users[1]: "arn:aws:iam::123456789012:user/bob" is an ARN; write the name of a user alone, such as "bob"',
        'policy: "customm" is not one of custom, managed, least-privilege; did you mean "custom"?',
        "serviceRole.maxSessionDuration: 60 is out of bounds",
        'serviceRole.permissionBoundary: is not an argument; the arguments are name, path, description, permissionsBoundary, maxSessionDuration; did you mean "permissionsBoundary"?',
        'sourceAccounts[0]: "12" is not an AWS account',
        'buckets[0].uses[0]: "imports" is not one of',
        "buckets[0].existingPolicy:",
        'keys[0].keyArn: "alias/personalize" is an alias',
        "keys[0].existingPolicy: is missing",
        "or set `keyPolicy`",
        'policyPath: "shop" is not an IAM path',
    ):
        assert reported in done.output
    assert "Traceback" not in done.output
    assert "_" not in done.output.split("nothing was made or altered.")[1].split("error:")[0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("users", "alice"), ("sourceAccounts", [123456789012]), ("confineToSource", "maybe")],
)
def test_a_setting_of_another_kind_is_refused(setting: str, value: Any, sandbox: Sandbox) -> None:
    done = reference(sandbox, {setting: value}).preview(check=False)
    assert not done.ok
    assert setting in done.output
    assert "Traceback" not in done.output


def test_a_setting_that_is_none_is_refused(sandbox: Sandbox) -> None:
    """It would be ignored, and nothing granted."""
    done = reference(sandbox, {"user": ["alice"], "source_accounts": [ACCOUNT], "aws:maxRetries": 3}).preview(
        check=False
    )
    assert not done.ok
    assert "2 arguments need a change" in done.output
    for reported in (r'user: is not an argument; .*; did you mean "users"\?', r'source_accounts: .*"sourceAccounts"\?'):
        assert re.search(reported, done.output)


def test_secret_settings_stay_secret(sandbox: Sandbox) -> None:
    config = everything(sandbox)
    sandbox.cloud.iam().create_user(UserName="veiled-user")
    sandbox.cloud.s3().create_bucket(Bucket="veiled-bucket")
    stack = reference(sandbox, {"roles": config["roles"], "buckets": config["buckets"][:1]})
    secrets = {
        "users[0]": "veiled-user",
        "sourceAccounts[0]": "313131313131",
        "buckets[1].bucket": "veiled-bucket",
        "buckets[1].uses[0]": "import",
        "buckets[1].prefix": "veiled/",
        "tags.owner": "veiled owner",
        "serviceRole.description": "veiled purpose",
    }
    options = [option for path, value in secrets.items() for option in ("--secret", f"{path}={value}")]
    sandbox.run(["config", "set-all", "--path", *options, "--stack", "test"], stack.folder)
    planned, done, again = stack.preview(), stack.up(), stack.up()
    assert again.changes == {}
    assert "veiled" not in planned.output + done.output + again.output
    state = json.loads(next(sandbox.backend.rglob("stacks/**/test.json")).read_text())
    ids = {resource.pop("id", None) for resource in state["checkpoint"]["latest"]["resources"]}
    assert len(ids) > 5
    assert "veiled" not in json.dumps(state)
    assert "313131313131" not in json.dumps(state)
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="veiled-user")["AttachedPolicies"]
    stack.destroy()
