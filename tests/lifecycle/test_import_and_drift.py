"""The recipe "Import and drift": its program takes over what exists, and each row of its table is so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from personalize_guardrails import check_trust_policy
from sandbox.session import Result, Sandbox
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, people_and_things
from tests.lifecycle import programs

pytestmark = pytest.mark.engine
PAGE = "import-and-drift.md"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/people-of-personalize"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
UNGUARDED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def test_what_exists_is_taken_over_and_guarded(sandbox: Sandbox) -> None:
    key, iam = people_and_things(sandbox), sandbox.cloud.iam()
    made = iam.create_role(
        RoleName="recommender",
        AssumeRolePolicyDocument=json.dumps(UNGUARDED),
        Description="Made by hand",
        Tags=[{"Key": "owner", "Value": "shop"}],
    )["Role"]
    owner = {"Key": "cost-center", "Value": "42"}
    iam.create_policy(
        PolicyName="people-of-personalize", PolicyDocument=ANYTHING, Description="Made by hand", Tags=[owner]
    )
    iam.attach_user_policy(UserName="alice", PolicyArn=POLICY)
    iam.attach_role_policy(RoleName="recommender", PolicyArn=READ_ONLY)

    stack = programs.stack(sandbox, programs.program(PAGE, 0), key)
    shown = stack.preview().output
    assert "recs-service-role: the import removes the tags owner; write them in `tags`" in shown
    assert "recs-access-policy: the import removes the tags cost-center; write them in `tags`" in shown
    done = stack.up()
    assert done.changes.get("import") == 2
    assert not {"replace", "delete"} & done.changes.keys()
    role = iam.get_role(RoleName="recommender")["Role"]
    assert (role["RoleId"], role["Description"]) == (made["RoleId"], "Made by hand")
    assert stack.outputs() == {"serviceRoleArn": made["Arn"]}
    assert check_trust_policy(role["AssumeRolePolicyDocument"]) == ()
    assert attached(sandbox, "role", "recommender") == {POLICY, READ_ONLY}
    assert attached(sandbox, "user", "alice") == {POLICY}
    assert "personalize:*" in json.dumps(default_version(sandbox, POLICY))
    assert stack.preview().changes == {}


DRIFTING = f"""
import pulumi
from personalize_permissions import PersonalizePermissions

EXISTING = {KEY_ADMINISTRATION!r}

PersonalizePermissions(
    "recs",
    {{
        "users": ["alice"],
        "service_role": {{"name": "recommender"}},
        "policy_name": "people-of-personalize",
        "buckets": [{{"bucket": "shop-results", "uses": ["export"]}}],
        "keys": [{{"key_arn": pulumi.Config().require("key"), "label": "key", "existing_policy": EXISTING}}],
        "tags": {{"team": "shop"}},
    }},
)
"""


def test_drift_is_shown_by_a_refresh_and_mended_by_the_next_run(sandbox: Sandbox) -> None:
    key, iam, s3, kms = people_and_things(sandbox), sandbox.cloud.iam(), sandbox.cloud.s3(), sandbox.cloud.kms()
    stack = sandbox.program(DRIFTING, {"key": key})
    stack.up()
    before = standing(sandbox, key)

    iam.update_assume_role_policy(RoleName="recommender", PolicyDocument=json.dumps(UNGUARDED))
    iam.untag_role(RoleName="recommender", TagKeys=["team"])
    iam.detach_user_policy(UserName="alice", PolicyArn=POLICY)
    [inline] = [
        each
        for each in iam.list_role_policies(RoleName="recommender")["PolicyNames"]
        if each.startswith("recs-shop-results")
    ]
    iam.delete_role_policy(RoleName="recommender", PolicyName=inline)
    iam.create_policy_version(PolicyArn=POLICY, PolicyDocument=ANYTHING, SetAsDefault=True)
    s3.delete_bucket_policy(Bucket="shop-results")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    added = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:Decrypt", "Resource": "*"}
    policy["Statement"].append(added)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    iam.attach_role_policy(RoleName="recommender", PolicyArn=READ_ONLY)
    assert stack.preview("--expect-no-changes").ok  # it does not look at AWS

    nightly = stack.preview("--refresh", "--expect-no-changes", check=False)
    assert not nightly.ok
    shown = {
        "recs-service-role": "update",
        "recs-access-personalize-alice": "create",
        "recs-shop-results-role": "create",
        "recs-access-policy": "update",
        "recs-shop-results-bucket": "create",
        "recs-key-key": "update",
    }
    assert operations(nightly) == shown
    assert operations(stack.up("--refresh")) == shown
    assert standing(sandbox, key) == before
    assert attached(sandbox, "role", "recommender") == {POLICY, READ_ONLY}


def test_after_a_refresh_alone_the_next_run_mends_the_trust_policy(sandbox: Sandbox) -> None:
    key, iam = people_and_things(sandbox), sandbox.cloud.iam()
    stack = sandbox.program(DRIFTING, {"key": key})
    stack.up()
    trust = iam.get_role(RoleName="recommender")["Role"]["AssumeRolePolicyDocument"]
    loosened: Any = json.loads(json.dumps(trust))
    del loosened["Statement"][0]["Condition"]["StringEquals"]
    iam.update_assume_role_policy(RoleName="recommender", PolicyDocument=json.dumps(loosened))

    assert stack.refresh().changes == {"update": 1}
    assert operations(stack.up()) == {"recs-service-role": "update"}
    assert iam.get_role(RoleName="recommender")["Role"]["AssumeRolePolicyDocument"] == trust


def operations(done: Result) -> dict[str, str]:
    """What was done to AWS resources, by logical name; what a refresh only read is left out."""
    return {urn.rsplit("::", 1)[-1]: each for urn, each in done.operations.items() if each not in {"refresh", "read"}}


def standing(sandbox: Sandbox, key: str) -> list[Any]:
    """What the stack gave, as it stands in the account."""
    role = sandbox.cloud.iam().get_role(RoleName="recommender")["Role"]
    return [
        role["AssumeRolePolicyDocument"],
        role["Tags"],
        attached(sandbox, "user", "alice"),
        len(sandbox.cloud.iam().list_role_policies(RoleName="recommender")["PolicyNames"]),
        default_version(sandbox, POLICY),
        json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket="shop-results")["Policy"]),
        json.loads(sandbox.cloud.kms().get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
    ]


def attached(sandbox: Sandbox, kind: str, name: str) -> set[str]:
    ask = getattr(sandbox.cloud.iam(), f"list_attached_{kind}_policies")
    return {policy["PolicyArn"] for policy in ask(**{f"{kind.capitalize()}Name": name})["AttachedPolicies"]}


def default_version(sandbox: Sandbox, arn: str) -> Any:
    iam = sandbox.cloud.iam()
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
