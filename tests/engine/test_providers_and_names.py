"""Another provider, path or component name: nobody is left without what the program says, or the preview refuses."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.session import Project, Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, foreign_policy, key_policy, people_and_things

pytestmark = pytest.mark.engine

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

config = pulumi.Config()
provider, roles = config.get("provider"), config.get_object("assume_roles")
settings = {"region": "us-east-1", "assume_roles": roles}
opts = pulumi.ResourceOptions(provider=aws.Provider(provider, **settings) if provider else None)
PersonalizePermissions(config.get("name") or "recs", config.require_object("args"), opts)
"""
MANAGED = {"users": ["alice"], "policy": "managed", "cloudwatch": "full-access"}
NAMED: dict[str, Any] = {"users": ["alice"], "policy_name": "personalize", "service_role": {"name": "recommender"}}


def attached(sandbox: Sandbox) -> list[str]:
    found = sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    return sorted(each["PolicyName"] for each in found)


def refused(stack: Project, message: str) -> None:
    done = stack.preview(check=False)
    assert not done.ok
    assert message in done.output
    assert "Traceback" not in done.output


def test_another_provider_leaves_attachments_and_policies(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    sandbox.cloud.s3().put_bucket_policy(Bucket="shop-results", Policy=foreign_policy("shop-results"))
    buckets = [
        {"bucket": "shop-training", "uses": ["import"]},
        {"bucket": "shop-results", "uses": ["batch"], "existing_policy": foreign_policy("shop-results")},
    ]
    keys = [{"key_arn": key, "label": "key", "existing_policy": KEY_ADMINISTRATION}]
    stack = sandbox.program(PROGRAM, {"args": {**MANAGED, "buckets": buckets, "keys": keys}})
    stack.up()

    def everything() -> list[Any]:
        s3 = sandbox.cloud.s3()
        policies = [s3.get_bucket_policy(Bucket=bucket)["Policy"] for bucket in ("shop-training", "shop-results")]
        on_key = [statement["Sid"] for statement in key_policy(sandbox, key)["Statement"]]
        return [*map(json.loads, policies), on_key, len(attached(sandbox))]

    before = everything()
    for provider in ("explicit", "renamed"):
        stack.configure({"provider": provider})
        assert stack.preview().ok
        stack.up()
        assert everything() == before
        assert stack.preview().changes == {}


def test_another_account_gets_everything_and_the_first_one_keeps_the_policies_of_its_things(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    deploy = "arn:aws:iam::210987654321:role/deploy"
    other = clients_of(sandbox, deploy)
    other.create_user(UserName="alice")
    buckets = [{"bucket": "shop-training", "uses": ["import"]}]
    keys = [{"key_arn": key, "label": "key", "existing_policy": KEY_ADMINISTRATION}]
    stack = sandbox.program(PROGRAM, {"args": {**MANAGED, "buckets": buckets, "keys": keys}})
    stack.up()
    bucket_policy = sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"]
    on_key, here = key_policy(sandbox, key), attached(sandbox)

    stack.configure({"provider": "other", "assume_roles": [{"roleArn": deploy}]})
    refused(stack, 'keys["key"].key_arn: is a key of another account or region than 210987654321')
    buckets[0]["bucket_policy"] = keys[0]["key_policy"] = "statements"
    stack.configure({"args": {**MANAGED, "buckets": buckets, "keys": keys}})
    assert stack.preview().ok
    stack.up()
    assert attached(sandbox) == []
    there = other.list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    assert {each["PolicyName"] for each in there} >= set(here) - {each for each in here if each.startswith("recs-")}
    assert [role["RoleName"] for role in other.list_roles()["Roles"]] != []
    assert sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"] == bucket_policy
    assert key_policy(sandbox, key) == on_key
    assert stack.preview().changes == {}


def clients_of(sandbox: Sandbox, role: str) -> Any:
    """Return a client of the IAM of another account."""
    own = {"endpoint_url": sandbox.cloud.endpoint, "region_name": "us-east-1", "config": Config(proxies={})}
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    made = boto3.client("sts", **own, **keys).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "iam",
        **own,
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )


def test_a_managed_policys_set_of_another_name_is_refused_without_an_alias(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    stack = sandbox.program(PROGRAM, {"args": MANAGED})
    stack.up()
    stack.configure({"name": "news"})
    refused(stack, 'attaches a policy to user "alice", as "')
    assert attached(sandbox) == ["AmazonPersonalizeFullAccess", "CloudWatchFullAccess"]


def test_a_name_that_is_taken_is_refused_before_people_lose_it(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    stack = sandbox.program(PROGRAM, {"args": NAMED})
    stack.up()
    arn = sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"][0]["PolicyArn"]
    sandbox.cloud.iam().attach_user_policy(UserName="bob", PolicyArn=arn)
    stack.configure({"args": {**NAMED, "policy_path": "/shop/"}})
    refused(stack, "policy_name: is a name that this stack already uses")
    stack.configure({"args": {**NAMED, "policy_name": "people", "policy_path": "/shop/"}})
    assert stack.preview().ok
    stack.configure({"args": {**NAMED, "policy_name": "people"}, "provider": "explicit"})
    refused(stack, "service_role.name: is a name that this stack already uses")
    stack.configure({"args": {**NAMED, "service_role": {"name": "recommender", "path": "/shop/"}}, "provider": ""})
    assert stack.preview().ok
