"""One bucket's or key's policy that passes from a resource of the program to the component, and back, in one run."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, foreign_policy, key_policy, people_and_things
from tests.languages import test_yaml as languages

pytestmark = pytest.mark.engine

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

config = pulumi.Config()
args = config.get_object("args")
outputs = PersonalizePermissions("recs", args).bucket_policies if args else None
# A provider with settings that the default one does not have.
opts = pulumi.ResourceOptions(provider=aws.Provider("own", region="us-east-1") if config.get("own") else None)
for kind, policy in (config.get_object("theirs") or {}).items():
    where = {"bucket": "shop-training"} if kind == "bucket" else {"key_id": config.require("key").rpartition("/")[2]}
    if policy == "handed out":
        policy = outputs["shop-training"]
    (aws.s3.BucketPolicy if kind == "bucket" else aws.kms.KeyPolicy)("theirs", policy=policy, opts=opts, **where)
"""
THEIRS = foreign_policy("shop-training")
BUCKET: dict[str, Any] = {"bucket": "shop-training", "uses": ["import"], "label": "data"}
URN = "urn:pulumi:test::shop::aws:s3/bucketPolicy:BucketPolicy::theirs"


class Stack:
    """A stack with one bucket and one key, whose policies its program or the component writes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.key = people_and_things(sandbox)
        self.project: Project = sandbox.program(PROGRAM, {"key": self.key})

    def write(self, args: dict[str, Any] | None = None, **theirs: str) -> Project:
        """Configure the component's arguments, and what the program writes itself."""
        self.project.configure({"args": args or {}, "theirs": theirs})
        return self.project

    def entry(self, **more: Any) -> dict[str, Any]:
        return {"key_arn": self.key, "label": "data", "existing_policy": KEY_ADMINISTRATION, **more}

    def on_bucket(self) -> list[str]:
        """The Sids of the bucket's policy, without the digits of the component's."""
        policy = self.sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"]
        return sorted(each["Sid"][:15] for each in json.loads(policy)["Statement"])

    def on_key(self) -> list[str]:
        return sorted(each["Sid"][:15] for each in key_policy(self.sandbox, self.key)["Statement"])


BOTH = ["Backup", "PersonalizeBuck", "PersonalizeObje"]
ON_KEY = ["Administration", "PersonalizeRole", "PersonalizeServ"]


@pytest.mark.parametrize("named", ["theirs", URN], ids=["by its name", "by its URN"])
def test_a_bucket_policy_of_the_program_becomes_the_components(named: str, sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    stack.write(bucket=THEIRS).up()
    entry = {**BUCKET, "existing_policy": THEIRS, "adopt_policy_from": named}
    project = stack.write({"buckets": [entry]})
    assert project.preview().ok
    operations = {urn.rsplit("::", 1)[-1]: operation for urn, operation in project.up().operations.items()}
    assert operations["recs-data-bucket"] == "update"
    assert "delete" not in operations.values()
    assert stack.on_bucket() == BOTH
    assert project.preview().changes == {}
    assert stack.write({"buckets": [{**entry, "adopt_policy_from": None}]}).preview().changes == {}


def test_what_nobody_said_is_refused_in_preview(sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    stack.write(bucket=THEIRS, key=KEY_ADMINISTRATION).up()
    for args, argument in (
        ({"buckets": [{**BUCKET, "existing_policy": THEIRS}]}, 'buckets["data"].adopt_policy_from: is missing'),
        (
            {"buckets": [{**BUCKET, "existing_policy": THEIRS, "adopt_policy_from": "other"}]},
            'buckets["data"].adopt_policy_from: names another resource',
        ),
        ({"keys": [stack.entry()]}, 'keys["data"].adopt_policy_from: is missing'),
    ):
        done = stack.write(args).preview(check=False)
        assert not done.ok
        assert f'{argument}: "theirs" of this stack manages the policy of the' in done.output
        assert "nothing was made or altered" in done.output
        assert "Traceback" not in done.output
    assert stack.on_bucket() == ["Backup"]


def test_a_key_policy_of_the_program_becomes_the_components_and_goes_back(sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    stack.write(key=KEY_ADMINISTRATION).up()
    project = stack.write({"keys": [stack.entry(adopt_policy_from="theirs")]})
    assert project.preview().ok
    project.up()
    assert stack.on_key() == ON_KEY
    assert project.preview().changes == {}

    project = stack.write({"users": ["alice"]}, key=json.dumps(key_policy(sandbox, stack.key)))
    project.up()
    assert stack.on_key() == ON_KEY
    done = project.preview("--refresh", "--diff")
    assert done.changes == {}, done.output


def test_a_policy_of_another_provider_is_taken_over_as_the_refusal_tells(sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    stack.project.configure({"own": "yes"})
    stack.write(bucket=THEIRS, key=KEY_ADMINISTRATION).up()
    bucket, key = {**BUCKET, "existing_policy": THEIRS}, stack.entry()
    for entries in (
        {"buckets": [{**bucket, "adopt_policy_from": "theirs"}]},
        {"keys": [{**key, "adopt_policy_from": "theirs"}]},
    ):
        done = stack.write(entries).preview(check=False)
        assert not done.ok
        assert 'adopt_policy_from: names "theirs", whose AWS provider is not the component\'s' in done.output
        [urn] = re.findall(r"`pulumi state delete '([^']+)'`", done.output)[:1]
        sandbox.run(["state", "delete", urn, "--yes", "--stack", "test"], stack.project.folder)
    project = stack.write({"buckets": [bucket], "keys": [key]})
    assert project.preview().ok
    project.up()
    assert (stack.on_bucket(), stack.on_key()) == (BOTH, ON_KEY)
    assert project.preview("--refresh").changes == {}


@pytest.mark.parametrize("delivery", [None, "statements"], ids=["the entry goes", "statements are handed out"])
def test_the_components_bucket_policy_becomes_the_programs(delivery: str | None, sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    stack.write({"buckets": [BUCKET]}).up()
    entries = [{**BUCKET, "bucket_policy": delivery}] if delivery else []
    project = stack.write({"users": ["alice"], "buckets": entries}, bucket="handed out" if delivery else THEIRS)
    project.up()
    assert stack.on_bucket() == (BOTH[1:] if delivery else ["Backup"])
    assert project.preview("--refresh").changes == {}


def test_another_language_takes_a_policy_over(sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    stack.write(bucket=THEIRS).up()
    entry = {"bucket": "shop-training", "uses": ["import"], "label": "data", "existingPolicy": THEIRS}
    refused = languages.program(sandbox, {"buckets": [entry]}, outputs={}).preview(check=False)
    assert 'buckets["data"].adoptPolicyFrom: is missing: "theirs" of this stack' in refused.output
    adopting = languages.program(sandbox, {"buckets": [{**entry, "adoptPolicyFrom": "theirs"}]}, outputs={})
    assert adopting.preview().ok
    adopting.up()
    assert stack.on_bucket() == BOTH


def test_what_others_added_stays_when_an_entry_or_the_stack_goes(sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    s3 = sandbox.cloud.s3()
    for gone in ("entry", "stack"):
        s3.delete_bucket_policy(Bucket="shop-training")
        project = stack.write({"buckets": [BUCKET]})
        project.up()
        policy = json.loads(s3.get_bucket_policy(Bucket="shop-training")["Policy"])
        policy["Statement"] += json.loads(THEIRS)["Statement"]
        s3.put_bucket_policy(Bucket="shop-training", Policy=json.dumps(policy))
        if gone == "entry":
            project = stack.write({"users": ["alice"]})
            project.up()
            assert project.preview().changes == {}
        else:
            project.destroy()
        assert stack.on_bucket() == BOTH
    assert ACCOUNT in s3.get_bucket_policy(Bucket="shop-training")["Policy"]
