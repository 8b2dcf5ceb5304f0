"""A component, label or entry of another name: what stands once in AWS is not deleted with the old name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.session import Sandbox
from tests.engine.programs import people_and_things

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


def policy(sandbox: Sandbox) -> str:
    return sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"]


def sids(text: str) -> list[str]:
    return [statement["Sid"] for statement in json.loads(text)["Statement"]]


@pytest.mark.parametrize(
    "sets",
    [
        {"recs": {"buckets": [{**BUCKET, "label": "data"}]}},
        {"news": {"buckets": [BUCKET]}},
        {"recs": {}, "news": {"buckets": [{**BUCKET, "uses": ["batch"]}]}},
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
    assert "it would delete what stands under the old name last, and the whole policy with it" in done.output
    assert "Traceback" not in done.output


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

    told = {**BUCKET, "existing_policy": before}
    for bucket, warned in ((told, False), ({**told, "label": "data"}, True), ({**BUCKET, "label": "data"}, False)):
        stack.configure({"sets": {"news": {**args, "buckets": [bucket]}}})
        assert ("must have been given `existing_policy` in a run before" in stack.preview().output) is warned
        stack.up()
    after = policy(sandbox)
    assert after != before
    assert len(sids(after)) == len(sids(before))
    assert stack.preview("--refresh").changes == {}
