"""A component, label or entry of another name: what exists once in AWS is not deleted with the old name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.session import Project, Sandbox
from tests.docs.pages import DOCS, blocks
from tests.engine.programs import KEY_ADMINISTRATION, people_and_things

pytestmark = pytest.mark.engine

PROGRAM = """
import json
import pulumi
from personalize_permissions import PersonalizePermissions

config = pulumi.Config()
aliases = [pulumi.Alias(name=name) for name in config.get_object("aliases") or []]
for name, args in config.require_object("sets").items():
    PersonalizePermissions(name, args, pulumi.ResourceOptions(aliases=aliases))
"""
BUCKET = {"bucket": "shop-training", "uses": ["import"]}
OLD = (
    "urn:pulumi:test::shop::personalize-permissions:index:PersonalizePermissions"
    "$personalize-permissions:index:PersonalizeBucketAccess$aws:s3/bucketPolicy:BucketPolicy::recs-shop-training-bucket"
)


def policy(sandbox: Sandbox) -> str:
    return sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"]


def sids(text: str) -> list[str]:
    return [statement["Sid"] for statement in json.loads(text)["Statement"]]


@pytest.mark.parametrize(
    "sets",
    [
        {"recs": {"buckets": [{**BUCKET, "label": "data"}]}},
        {"news": {"buckets": [BUCKET]}},
        {"recs": {}, "news": {"buckets": [BUCKET]}},
    ],
    ids=["a label", "a component", "a bucket that moves"],
)
def test_a_new_name_that_would_end_in_no_policy_is_refused_in_preview(sets: dict[str, Any], sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    stack = sandbox.program(PROGRAM, {"sets": {"recs": {"buckets": [BUCKET]}}})
    stack.up()
    stack.configure({"sets": sets})
    done = stack.preview(check=False)
    assert not done.ok
    assert "adopt_policy_from: is missing" in done.output
    assert f'"{OLD}" of this stack manages the policy of the bucket' in done.output
    assert "Traceback" not in done.output


def test_a_person_who_moves_to_another_set_is_left_out_of_both_for_one_run(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    managed = {"policy": "managed"}
    with_alice = {**managed, "users": ["alice"]}
    stack = sandbox.program(PROGRAM, {"sets": {"recs": with_alice, "news": managed}})
    stack.up()
    moved = {"recs": managed, "news": with_alice}
    stack.configure({"sets": moved})
    done = stack.preview(check=False)
    assert not done.ok
    assert 'attaches a policy to user "alice", as "' in done.output
    assert "if the person moves, leave the name out of both for one run" in done.output
    for sets in ({"recs": managed, "news": managed}, moved):
        stack.configure({"sets": sets})
        assert stack.preview().ok
        stack.up()
    assert len(sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]) == 1
    assert stack.preview().changes == {}


def test_the_ways_that_the_refusal_tells_keep_the_policy(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    args: dict[str, Any] = {"users": ["alice"], "policy": "managed", "buckets": [BUCKET]}
    stack = sandbox.program(PROGRAM, {"sets": {"recs": args}})
    stack.up()

    stack.configure({"sets": {"news": args}, "aliases": ["recs"]})
    assert stack.preview().ok
    assert set(stack.up().operations.values()) == {"update"}
    before = policy(sandbox)
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]

    labelled = {**BUCKET, "label": "data", "adopt_policy_from": OLD.replace("recs", "news")}
    stack.configure({"sets": {"news": {**args, "buckets": [labelled]}}})
    assert stack.preview().ok
    done = stack.up()
    assert {urn.rsplit("::", 1)[-1]: each for urn, each in done.operations.items()}["news-data-bucket"] == "update"
    after = policy(sandbox)
    assert after != before
    assert len(sids(after)) == len(sids(before))
    assert stack.preview("--refresh").changes == {}


class Recipe:
    """The stack of the recipe "Rename a component or label", before and after its two programs."""

    KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    def __init__(self, sandbox: Sandbox) -> None:
        self.key = people_and_things(sandbox)
        sandbox.cloud.s3().create_bucket(Bucket="training-data")
        self.component, self.label = (
            block.text for block in blocks(DOCS / "recipes/rename.md") if block.language == "python"
        )
        self.sandbox = sandbox

    def before(self, **args: Any) -> Project:
        """The stack under the old names."""
        stack = self.sandbox.program(PROGRAM, {"sets": {"recs": {"users": ["alice"], **args}}})
        (stack.folder / "key-policy.json").write_text(KEY_ADMINISTRATION)
        stack.up()
        return stack

    def write(self, stack: Project, program: str) -> None:
        """Put a program of the page in place of the stack's."""
        program = program.replace(self.KEY, self.key).replace(self.KEY.rpartition("/")[2], self.key.rpartition("/")[2])
        (stack.folder / "__main__.py").write_text(program)

    def bucket_policy(self) -> list[str]:
        return sids(self.sandbox.cloud.s3().get_bucket_policy(Bucket="training-data")["Policy"])

    def key_policy(self) -> list[str]:
        return sids(self.sandbox.cloud.kms().get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])


def test_the_recipe_renames_a_component_by_updates_only(sandbox: Sandbox) -> None:
    recipe = Recipe(sandbox)
    stack = recipe.before(buckets=[{"bucket": "training-data", "uses": ["import", "batch"]}])
    before = recipe.bucket_policy()
    recipe.write(stack, recipe.component)
    assert set(stack.preview().operations.values()) == {"update"}
    assert set(stack.up().operations.values()) == {"update"}
    assert recipe.bucket_policy() != before
    assert stack.preview().changes == {}


def test_the_recipe_renames_labels_by_updates_only(sandbox: Sandbox) -> None:
    recipe = Recipe(sandbox)
    stack = recipe.before(
        buckets=[{"bucket": "training-data", "uses": ["import"]}],
        keys=[{"key_arn": recipe.key, "existing_policy": KEY_ADMINISTRATION}],
    )
    before = recipe.bucket_policy(), recipe.key_policy()
    recipe.write(stack, recipe.label)
    assert set(stack.preview().operations.values()) == {"update"}
    assert set(stack.up().operations.values()) == {"update"}
    after = recipe.bucket_policy(), recipe.key_policy()
    assert [len(each) for each in after] == [len(each) for each in before]
    assert all(new != old for new, old in zip(after, before, strict=True))
    recipe.write(stack, recipe.label.replace("transforms=[rename]", ""))  # it may be taken out afterwards
    assert stack.preview("--refresh").changes == {}


def test_the_recipe_changes_the_label_only(sandbox: Sandbox) -> None:
    recipe = Recipe(sandbox)
    stack = recipe.before(
        buckets=[{"bucket": "training-data", "uses": ["batch"]}],
        keys=[{"key_arn": recipe.key, "existing_policy": KEY_ADMINISTRATION}],
    )
    before = recipe.bucket_policy()
    recipe.write(stack, recipe.label)
    refused = stack.preview(check=False)
    assert not refused.ok
    assert "which would be lost" in refused.output
    assert recipe.bucket_policy() == before
