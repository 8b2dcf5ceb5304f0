"""What others have made stays theirs: statements, attachments and tags that this stack did not write."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, PROGRAM, foreign_policy, key_policy, people_and_things

pytestmark = pytest.mark.engine
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def project(sandbox: Sandbox, args: dict[str, Any], name: str = "shop") -> Project:
    return sandbox.program(PROGRAM, {"args": args}, name)


def sids(policy: dict[str, Any]) -> list[str]:
    return [statement["Sid"] for statement in policy["Statement"]]


def test_attachments_and_memberships_of_others_stay(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    iam = sandbox.cloud.iam()
    iam.attach_user_policy(UserName="alice", PolicyArn=READ_ONLY)
    iam.put_user_policy(UserName="alice", PolicyName="mine", PolicyDocument=json.dumps(ANY))
    iam.add_user_to_group(UserName="alice", GroupName="group-alice")
    stack = project(sandbox, {"users": ["alice"], "groups": ["group-alice"]})
    stack.up()
    role = stack.outputs()["role"].rsplit("/", 1)[-1]
    iam.attach_role_policy(RoleName=role, PolicyArn=READ_ONLY)
    assert stack.up("--refresh").changes == {}
    assert {each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]} == {
        READ_ONLY,
        stack.outputs()["policy"],
    }

    stack.destroy()
    assert [each["PolicyArn"] for each in iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]] == [
        READ_ONLY
    ]
    assert iam.list_user_policies(UserName="alice")["PolicyNames"] == ["mine"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="alice")["Groups"]] == ["group-alice"]
    assert role not in {each["RoleName"] for each in iam.list_roles()["Roles"]}


ANY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}


def test_a_key_whose_policy_is_not_given_is_refused_in_preview_and_stays(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    before = key_policy(sandbox, key)
    done = project(sandbox, {"keys": [{"key_arn": key}]}).preview(check=False)
    assert not done.ok
    assert "keys[0].existing_policy: is missing" in done.output
    assert key_policy(sandbox, key) == before


def test_a_key_policy_that_locks_the_account_out_is_refused_in_preview(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    locked = KEY_ADMINISTRATION.replace(":root", ":role/role-alice")
    done = project(sandbox, {"keys": [{"key_arn": key, "existing_policy": locked}]}).preview(check=False)
    assert not done.ok
    assert "would lock the account out of the key" in done.output
    assert "Traceback" not in done.output


def test_statements_of_a_key_stay_when_the_stack_goes(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    existing = json.loads(KEY_ADMINISTRATION)
    existing["Statement"].append(
        {
            "Sid": "Reporting",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-alice"},
            "Action": "kms:Decrypt",
            "Resource": "*",
        }
    )
    stack = project(sandbox, {"keys": [{"key_arn": key, "existing_policy": json.dumps(existing)}]})
    stack.up()
    attached = key_policy(sandbox, key)
    assert sids(attached)[:2] == ["Administration", "Reporting"]
    role = stack.outputs()["role"]
    assert {"AWS": role} in [statement["Principal"] for statement in attached["Statement"]]
    stack.destroy()
    assert sids(key_policy(sandbox, key))[:2] == ["Administration", "Reporting"]


def test_statements_are_handed_out_and_nothing_is_written(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    sandbox.cloud.s3().put_bucket_policy(Bucket="shop-results", Policy=foreign_policy("shop-results"))
    before = key_policy(sandbox, key)
    stack = project(
        sandbox,
        {
            "buckets": [{"bucket": "shop-results", "uses": ["export"], "bucket_policy": "statements"}],
            "keys": [{"key_arn": key, "key_policy": "statements"}],
        },
    )
    stack.up()
    found = stack.outputs()
    assert json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket="shop-results")["Policy"]) == json.loads(
        foreign_policy("shop-results")
    )
    assert key_policy(sandbox, key) == before
    assert "Backup" not in found["buckets"]["shop-results"]
    principals = [statement["Principal"] for statement in json.loads(found["keys"][key])["Statement"]]
    assert principals == [{"Service": "personalize.amazonaws.com"}, {"AWS": found["role"]}]


def test_a_second_stack_does_not_overwrite_the_first_ones_bucket(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    first = project(sandbox, {"buckets": [{"bucket": "shop-results", "uses": ["export"]}]}, "first")
    first.up()
    policy = first.outputs()["buckets"]["shop-results"]
    second = project(sandbox, {"buckets": [{"bucket": "shop-results", "uses": ["import"]}]}, "second")
    done = second.up(check=False)
    assert not done.ok
    assert 'buckets["shop-results"].existing_policy: does not contain Statement[0]' in done.output
    assert json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket="shop-results")["Policy"]) == json.loads(policy)

    given = {"bucket": "shop-results", "uses": ["import"], "existing_policy": policy}
    second.configure({"args": {"buckets": [given]}})
    second.up()
    both = json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket="shop-results")["Policy"])
    assert both["Statement"][: len(json.loads(policy)["Statement"])] == json.loads(policy)["Statement"]
    assert len(both["Statement"]) > len(json.loads(policy)["Statement"])


TWO = """
import json
import pulumi
from personalize_permissions import PersonalizePermissions

for name, args in json.loads(pulumi.Config().require("sets")).items():
    PersonalizePermissions(name, args)
"""


def two(sandbox: Sandbox, one: dict[str, Any], other: dict[str, Any]) -> Project:
    people_and_things(sandbox)
    return sandbox.program(TWO, {"sets": {"one": one, "two": other}})


@pytest.mark.parametrize(
    ("argument", "args"),
    [
        ("policy: attaches AmazonPersonalizeFullAccess to", {"policy": "managed"}),
        ("cloudwatch: attaches CloudWatchFullAccess to", {"cloudwatch": "full-access"}),
    ],
)
def test_two_permission_sets_that_attach_one_policy_to_one_person_are_refused(
    argument: str, args: dict[str, Any], sandbox: Sandbox
) -> None:
    """Either set's removal would detach the policy for both."""
    done = two(sandbox, {"users": ["alice", "bob"], **args}, {"users": ["Alice"], **args}).preview(check=False)
    assert not done.ok
    assert f"{argument} user " in done.output
    assert "alice" in done.output.casefold()
    assert "when either is deleted" in done.output
    assert "Traceback" not in done.output


def test_two_permission_sets_share_a_person_who_has_a_policy_of_each(sandbox: Sandbox) -> None:
    stack = two(sandbox, {"users": ["alice"], "policy": "managed"}, {"users": ["alice"], "groups": ["group-alice"]})
    stack.up()
    iam = sandbox.cloud.iam()
    assert len(iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]) == 2
    stack.configure({"sets": {"two": {"users": ["alice"], "groups": ["group-alice"]}}})
    stack.up()
    assert len(iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]) == 1


def test_two_permission_sets_that_write_one_bucket_are_refused(sandbox: Sandbox) -> None:
    bucket = {"bucket": "shop-results", "uses": ["export"]}
    done = two(sandbox, {"buckets": [bucket]}, {"buckets": [bucket]}).preview(check=False)
    assert not done.ok
    assert re.search(r'would overwrite what component "(one|two)-shop-results" of this stack writes', done.output)
    assert "Traceback" not in done.output


THEIRS_FIRST = """
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

theirs = aws.s3.BucketPolicy("theirs", bucket="shop-training", policy=pulumi.Config().require("policy"))
PersonalizePermissions(
    "recs",
    {"buckets": [{"bucket": "shop-training", "uses": ["import"]}]},
    pulumi.ResourceOptions(depends_on=[theirs]),
)
"""


def test_a_policy_that_the_component_depends_on_is_refused_and_stays(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    policy = foreign_policy("shop-training")
    done = sandbox.program(THEIRS_FIRST, {"policy": policy}).up(check=False)
    assert not done.ok
    assert "existing_policy: does not contain Statement[0] (Sid Backup)" in done.output
    found = sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"]
    assert [each["Sid"] for each in json.loads(found)["Statement"]] == ["Backup"]


NAMES = """
import pulumi

pulumi.export("bucket", "shop-training")
"""
REFERRING = """
import pulumi
from personalize_permissions import PersonalizePermissions

names = pulumi.StackReference("organization/names/test")
PersonalizePermissions("recs", {"buckets": [{"bucket": names.require_output("bucket"), "uses": ["import"], "label": "data"}]})
"""


def test_a_bucket_of_another_stack_shows_no_change(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    sandbox.program(NAMES, name="names").up()
    stack = sandbox.program(REFERRING)
    stack.up()
    assert stack.preview().changes == {}
