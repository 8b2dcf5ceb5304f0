"""Names that the engine does not know before the update, and names that nobody may see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sandbox.session import Project, Result, Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, foreign_policy, people_and_things

pytestmark = pytest.mark.engine

MADE_HERE = """
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

user, group = aws.iam.User("analyst"), aws.iam.Group("analysts")
role = aws.iam.Role("federated", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]}))
data, key = aws.s3.Bucket("data"), aws.kms.Key("key")
permissions = PersonalizePermissions("recs", {
    "users": [user.name], "groups": [group.name], "roles": [role.name],
    "cloudwatch": "full-access-v2", "policy": "least-privilege",
    "buckets": [{"bucket": data.id, "uses": ["import"], LABEL}],
    "keys": [{"key_arn": key.arn, "existing_policy": key.policy, LABEL}],
})
pulumi.export("user", user.name)
pulumi.export("bucket", data.id)
pulumi.export("key", key.arn)
pulumi.export("role", permissions.service_role_arn)
pulumi.export("buckets", permissions.bucket_policies)
pulumi.export("keys", permissions.key_policies)
"""


@pytest.mark.parametrize("label", ['"label": "own"', ""], ids=["with a label", "without"])
def test_everything_made_in_the_same_program_is_granted_in_one_run(label: str, sandbox: Sandbox) -> None:
    stack = sandbox.program(MADE_HERE.replace("LABEL", label))
    planned = {urn.rsplit("::", 1)[-1] for urn in stack.preview().operations}
    assert ({"recs-own-role", "recs-own-bucket"} <= planned) is bool(label)
    assert "recs-service-role" in planned
    stack.up()
    found = stack.outputs()
    iam = sandbox.cloud.iam()
    assert len(iam.list_attached_user_policies(UserName=found["user"])["AttachedPolicies"]) == 3
    attached = sandbox.cloud.s3().get_bucket_policy(Bucket=found["bucket"])["Policy"]
    assert json.loads(attached) == json.loads(found["buckets"][found["bucket"]])
    on_key = sandbox.cloud.kms().get_key_policy(KeyId=found["key"], PolicyName="default")["Policy"]
    assert json.loads(on_key) == json.loads(found["keys"][found["key"]])
    assert found["role"] in on_key
    assert ":root" in on_key
    assert stack.preview().changes == {}
    assert stack.destroy().ok
    assert iam.list_roles()["Roles"] == []


ELSEWHERE = """
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

known_later = aws.s3.Bucket("settings").id.apply(lambda _: "eu-west-1")
elsewhere = pulumi.ResourceOptions(provider=aws.Provider("elsewhere", region=known_later))
recs = PersonalizePermissions("recs", {"buckets": [{"bucket": "shop-training-eu", "uses": ["import"]}]}, elsewhere)
pulumi.export("trust", recs.trust_policy)
"""


def test_a_provider_with_settings_that_a_preview_does_not_know(sandbox: Sandbox) -> None:
    place: Any = {"LocationConstraint": "eu-west-1"}
    sandbox.cloud.s3().create_bucket(Bucket="shop-training-eu", CreateBucketConfiguration=place)
    stack = sandbox.program(ELSEWHERE)
    assert "recs-service-role" in {urn.rsplit("::", 1)[-1] for urn in stack.preview().operations}
    stack.up()
    assert "arn:aws:personalize:eu-west-1:123456789012:*" in stack.outputs()["trust"]
    assert stack.preview().changes == {}


WRONG_LATER = """
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

data = aws.s3.Bucket("data")
PersonalizePermissions("recs", {"buckets": [{"bucket": data.arn, "uses": ["import"]}]})
"""


def test_a_mistake_that_shows_only_in_the_update_stops_all_of_the_permission_set(sandbox: Sandbox) -> None:
    stack = sandbox.program(WRONG_LATER)
    assert stack.preview().ok
    done = stack.up(check=False)
    assert not done.ok
    assert "buckets[0].bucket: the value is an ARN" in done.output
    assert "Traceback" not in done.output
    assert sandbox.cloud.iam().list_roles()["Roles"] == []


SECRETS = """
import json
import pulumi
from personalize_permissions import PersonalizePermissions

config = pulumi.Config()
secret = lambda name: config.require_secret(name)
whole = lambda name: secret(name).apply(json.loads)
sets = {
    "one by one": {
        "users": [secret("user")],
        "groups": whole("groups"),
        "cloudwatch": "full-access",
        "service_role": {"description": secret("description")},
        "tags": {"owner": secret("tag")},
        "source_accounts": [secret("account")],
        "buckets": [{"bucket": secret("bucket"), "uses": ["export"], "existing_policy": secret("policy")}],
        "keys": [{"key_arn": secret("key"), "existing_policy": secret("administration")}],
    },
    "as a whole": {name: whole(name) for name in ("service_role", "buckets", "keys", "tags")},
}
for way in config.require_object("ways"):
    PersonalizePermissions(way.replace(" ", "-"), sets[way])
"""


WAYS = ("one by one", "as a whole")


def with_secrets(sandbox: Sandbox, values: dict[str, str], ways: Sequence[str]) -> Project:
    """A program whose permission sets take all of these values in secret."""
    return sandbox.program(SECRETS, {"ways": ways, **{name: {"secret": value} for name, value in values.items()}})


def secrets(sandbox: Sandbox) -> dict[str, str]:
    """Every value that an argument may hold in secret; none is a word that shows up otherwise."""
    key, other = people_and_things(sandbox), sandbox.cloud.kms().create_key()["KeyMetadata"]["Arn"]
    iam, s3 = sandbox.cloud.iam(), sandbox.cloud.s3()
    iam.create_user(UserName="veiled-user")
    iam.create_group(GroupName="veiled-group")
    for bucket in ("veiled-bucket", "veiled-results"):
        s3.create_bucket(Bucket=bucket)
    policy = foreign_policy("veiled-bucket").replace("Backup", "VeiledSid")
    s3.put_bucket_policy(Bucket="veiled-bucket", Policy=policy)
    return {
        "user": "veiled-user",
        "groups": '["veiled-group"]',
        "description": "veiled description",
        "tag": "veiled tag",
        "account": "313131313131",
        "bucket": "veiled-bucket",
        "policy": policy,
        "key": key,
        "administration": KEY_ADMINISTRATION.replace("Administration", "VeiledAdministration"),
        "service_role": '{"description": "veiled purpose"}',
        "buckets": json.dumps(
            [{"bucket": "veiled-results", "uses": ["batch"], "prefix": "veiled/", "label": "veiled"}]
        ),
        "keys": json.dumps([{"key_arn": other, "key_policy": "statements"}]),
        "tags": '{"owner": "veiled owner"}',
    }


def without_ids(value: Any) -> Any:
    """A state or an event without the physical ids, which Pulumi cannot keep secret; an attachment's holds a name."""
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key != "id"}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def shown(stack: Project, *results: Result) -> str:
    """All that is written in clear: what the engine said, its events, the state, and the stack's configuration."""
    state = [json.loads(path.read_text()) for path in stack.sandbox.backend.rglob("stacks/**/*.json")]
    events = [
        event
        for result in results
        for event in result.events
        if event.get("diagnosticEvent", {}).get("severity") != "debug"  # shown on demand: `pulumi up --debug`
    ]
    said = [result.output for result in results]
    return "\n".join([*said, json.dumps(without_ids([state, events])), (stack.folder / "Pulumi.test.yaml").read_text()])


def words(values: dict[str, str]) -> list[str]:
    """What must not be there, in lower case."""
    keys = values["key"], json.loads(values["keys"])[0]["key_arn"]
    return ["veiled", values["account"], *(key.rsplit("/", 1)[-1] for key in keys)]


def test_secret_arguments_never_show(sandbox: Sandbox) -> None:
    values = secrets(sandbox)
    stack = with_secrets(sandbox, values, WAYS)
    planned, done, again = stack.preview(), stack.up(), stack.up()
    assert again.changes == {}
    text = shown(stack, planned, done, again).casefold()
    assert "personalize:*" in text  # what is no secret is there to be read
    assert [word for word in words(values) if word in text] == []
    iam = sandbox.cloud.iam()
    assert len(iam.list_attached_user_policies(UserName="veiled-user")["AttachedPolicies"]) == 3
    assert len(iam.list_attached_group_policies(GroupName="veiled-group")["AttachedPolicies"]) == 3
    assert "VeiledSid" in sandbox.cloud.s3().get_bucket_policy(Bucket="veiled-bucket")["Policy"]
    stack.destroy()


# None is the word alone: the engine hides in its output what is letter for letter a secret of the configuration.
WRONG = {
    "user": "veiled user",
    "account": "veiled account",
    "bucket": "arn:aws:s3:::veiled-bucket",
    "policy": "{veiled",
    "key": "alias/veiled",
    "service_role": '{"description": 1, "path": "veiled", "note": "veiled"}',
    "buckets": '[{"bucket": "s3://veiled", "uses": ["veiled"], "prefix": "/veiled"}, {"bucket": "veiled"}]',
    "keys": '[{"key_arn": "veiled", "key_policy": "statements", "dataset_export": "veiled"}]',
    "tags": '{"owner": "aws:veiled"}',
}


@pytest.mark.parametrize(("way", "mistakes"), [(WAYS[0], 5), (WAYS[1], 10)])
def test_secret_arguments_never_show_in_a_refusal(way: str, mistakes: int, sandbox: Sandbox) -> None:
    done = with_secrets(sandbox, secrets(sandbox) | WRONG, [way]).preview(check=False)
    assert not done.ok
    assert f"{mistakes} arguments need a change" in done.output
    assert "veiled" not in done.output.casefold()
    assert "Traceback" not in done.output
