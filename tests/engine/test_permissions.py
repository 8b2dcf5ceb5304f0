"""The permission set on the real engine: what is in the account, and what never changes."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
import time
from typing import Any

import pytest

from sandbox.recovery import recover
from sandbox.session import Project, Sandbox
from tests.engine.programs import ACCOUNT, PROGRAM, everything, foreign_policy, people_and_things

pytestmark = pytest.mark.engine


def project(sandbox: Sandbox, args: dict[str, Any]) -> Project:
    return sandbox.program(PROGRAM, {"args": args})


def names(operations: dict[str, str], operation: str) -> set[str]:
    return {urn.rsplit("::", 1)[-1] for urn, each in operations.items() if each == operation}


def test_everything_stands_as_asked_and_is_gone_again(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    iam, s3, kms = sandbox.cloud.iam(), sandbox.cloud.s3(), sandbox.cloud.kms()
    stack = project(sandbox, everything(key))
    stack.up()
    found = stack.outputs()

    role = iam.get_role(RoleName=found["role"].rsplit("/", 1)[-1])["Role"]
    assert role["Path"] == "/service-role/"
    assert role["MaxSessionDuration"] == 7200
    assert role["AssumeRolePolicyDocument"] == json.loads(found["trust"])
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"team": "shop"}
    attached = iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} >= {
        found["policy"],
        "arn:aws:iam::aws:policy/CloudWatchFullAccess",
    }
    assert len(attached) == 3
    assert len(iam.list_attached_group_policies(GroupName="group-bob")["AttachedPolicies"]) == 3
    assert len(iam.list_attached_role_policies(RoleName="role-bob")["AttachedPolicies"]) == 3
    assert len(iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]) == 3
    for bucket, policy in found["buckets"].items():
        assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(policy)
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(found["keys"][key])

    assert stack.preview().changes == {}
    assert stack.up().changes == {}
    assert stack.refresh().changes == {}

    stack.destroy()
    assert len(iam.list_roles()["Roles"]) == 3
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"] == []
    # The key's policy outlives the stack: it holds statements of others, such as the account's own administration.
    kept = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
    assert kept[0]["Sid"] == "Administration"


def test_reordering_changes_nothing_and_adding_touches_nothing_else(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    args = everything(key)
    stack = project(sandbox, args)
    stack.up()
    before = {resource["urn"] for resource in stack.resources()}

    reordered = copy.deepcopy(args)
    for name in ("users", "groups", "roles", "buckets", "source_accounts"):
        reordered[name].reverse()
    for bucket in reordered["buckets"]:
        bucket["uses"].reverse()
    stack.configure({"args": reordered})
    assert stack.up().changes == {}

    reordered["users"].insert(0, "carol")
    reordered["buckets"].insert(0, {"bucket": "shop-reports", "uses": ["export"]})
    stack.configure({"args": reordered})
    done = stack.up()
    assert set(done.operations.values()) == {"create"}
    assert names(done.operations, "create") == {
        "recs-access-personalize-carol",
        "recs-access-cloudwatch-carol",
        f"recs-us-east-1-{key.rsplit('/', 1)[-1]}-people-carol",
        "recs-shop-reports",
        "recs-shop-reports-role",
        "recs-shop-reports-bucket",
    }

    stack.configure({"args": args})
    done = stack.up()
    assert set(done.operations.values()) == {"delete"}
    assert {resource["urn"] for resource in stack.resources()} == before


def test_a_bucket_with_statements_of_others_is_refused_before_anything_is_made(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    s3 = sandbox.cloud.s3()
    s3.put_bucket_policy(Bucket="shop-results", Policy=foreign_policy("shop-results"))
    args: dict[str, Any] = {"buckets": [{"bucket": "shop-results", "uses": ["export"]}]}
    stack = project(sandbox, args)

    done = stack.preview(check=False)
    assert not done.ok
    assert 'buckets["shop-results"].existing_policy: does not contain Statement[0] (Sid Backup)' in done.output
    assert "Traceback" not in done.output

    args["buckets"][0]["existing_policy"] = foreign_policy("shop-results")
    stack.configure({"args": args})
    stack.up()
    assert stack.up().changes == {}
    stack.destroy()
    assert "Backup" in s3.get_bucket_policy(Bucket="shop-results")["Policy"]


def test_statements_that_others_add_between_two_runs_stay(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    s3 = sandbox.cloud.s3()
    stack = project(sandbox, {"buckets": [{"bucket": "shop-results", "uses": ["export"]}]})
    stack.up()
    policy = json.loads(s3.get_bucket_policy(Bucket="shop-results")["Policy"])
    policy["Statement"] += json.loads(foreign_policy("shop-results"))["Statement"]
    s3.put_bucket_policy(Bucket="shop-results", Policy=json.dumps(policy))

    stack.configure({"args": {"buckets": [{"bucket": "shop-results", "uses": ["export", "import"]}]}})
    done = stack.up(check=False)
    assert not done.ok
    assert "Sid Backup" in done.output
    assert "Backup" in s3.get_bucket_policy(Bucket="shop-results")["Policy"]


@pytest.mark.parametrize("given", [False, True], ids=["ours alone", "others given"])
def test_a_use_that_ends_takes_its_statement_out_of_the_bucket(given: bool, sandbox: Sandbox) -> None:
    """What the stack wrote itself is nobody else's, even where it was in `existing_policy`, as the refusal advises."""
    people_and_things(sandbox)
    s3 = sandbox.cloud.s3()
    bucket: dict[str, Any] = {"bucket": "shop-results", "uses": ["import"]}
    if given:
        s3.put_bucket_policy(Bucket="shop-results", Policy=foreign_policy("shop-results"))
        bucket["existing_policy"] = foreign_policy("shop-results")
    stack = project(sandbox, {"buckets": [bucket]})
    stack.up()
    if given:
        bucket["existing_policy"] = s3.get_bucket_policy(Bucket="shop-results")["Policy"]
    stack.configure({"args": {"buckets": [{**bucket, "uses": ["metrics"]}]}})
    stack.up()
    left = json.loads(s3.get_bucket_policy(Bucket="shop-results")["Policy"])["Statement"]
    assert [statement["Action"] for statement in left] == [["s3:GetObject"]] * given + [["s3:PutObject"]]


def test_mistakes_are_reported_together_without_a_traceback(sandbox: Sandbox) -> None:
    stack = project(sandbox, {"users": "alice", "polcy": "custom", "source_accounts": ["12"]})
    done = stack.up(check=False)
    assert not done.ok
    assert "3 arguments need a change" in done.output
    assert "Traceback" not in done.output
    assert sandbox.cloud.iam().list_roles()["Roles"] == []


def test_a_region_without_personalize_is_refused(sandbox: Sandbox) -> None:
    stack = project(sandbox, {})
    stack.configure({"aws:region": "eu-north-1"})
    done = stack.preview(check=False)
    assert not done.ok
    assert "does not exist in eu-north-1" in done.output
    assert "Traceback" not in done.output


def test_a_killed_update_is_healed_by_the_next(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    stack = project(sandbox, everything(key))
    running = subprocess.Popen(
        [str(sandbox.pulumi), "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "test"],
        cwd=stack.folder,
        env=sandbox.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and not sandbox.cloud.iam().list_policies(Scope="Local")["Policies"]:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()

    assert recover(stack)
    stack.up()
    assert stack.up().changes == {}
    found = stack.outputs()
    assert found["role"].startswith(f"arn:aws:iam::{ACCOUNT}:role/service-role/")
    assert len(sandbox.cloud.iam().list_policies(Scope="Local")["Policies"]) == 2
    stack.destroy()
    assert len(sandbox.cloud.iam().list_roles()["Roles"]) == 3
