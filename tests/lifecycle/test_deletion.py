"""The recipe "Deletion": its programs, on the real engine, and what it says of what goes and what stays."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from sandbox.session import Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, foreign_policy, people_and_things
from tests.languages import test_yaml as languages
from tests.lifecycle import programs

pytestmark = pytest.mark.engine
PAGE = "deletion.md"
PROTECTED, RETAINED, CAREFUL = (programs.program(PAGE, number) for number in range(3))
BUCKET_ENTRY = re.compile(r'^ +"buckets": .*\n', re.MULTILINE)
KEY_ENTRY = re.compile(r'^ +"keys": \[.*?^        \],\n', re.MULTILINE | re.DOTALL)


def somebody_adds_a_statement(sandbox: Sandbox, bucket: str = "shop-training") -> str:
    """The bucket's whole policy afterwards."""
    policy = json.loads(sandbox.cloud.s3().get_bucket_policy(Bucket=bucket)["Policy"])
    policy["Statement"] += json.loads(foreign_policy(bucket))["Statement"]
    sandbox.cloud.s3().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return json.dumps(policy)


def buckets_with_policies(sandbox: Sandbox) -> set[str]:
    s3 = sandbox.cloud.s3()
    found = set()
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        try:
            s3.get_bucket_policy(Bucket=bucket)
            found.add(bucket)
        except s3.exceptions.ClientError:
            pass
    return found


def service_roles(sandbox: Sandbox) -> list[Any]:
    roles = sandbox.cloud.iam().list_roles()["Roles"]
    return [role for role in roles if role["RoleName"].startswith("recs-")]


def test_nothing_of_what_is_protected_is_deleted(sandbox: Sandbox) -> None:
    stack = programs.stack(sandbox, PROTECTED, people_and_things(sandbox))
    stack.up()
    assert not stack.destroy(check=False).ok
    assert len(service_roles(sandbox)) == 1
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]


def test_what_is_retained_stays_as_it_is(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    iam, s3, kms = sandbox.cloud.iam(), sandbox.cloud.s3(), sandbox.cloud.kms()
    stack = programs.stack(sandbox, RETAINED, key)
    (stack.folder / "key-policy.json").write_text(KEY_ADMINISTRATION)
    stack.up()

    def standing() -> list[Any]:
        [role] = service_roles(sandbox)
        return [
            role,
            iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"],
            iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"],
            iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"],
            s3.get_bucket_policy(Bucket="shop-training")["Policy"],
            kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"],
        ]

    before = standing()
    assert "Personalize" in before[-1]
    stack.destroy()
    assert stack.resources() == []
    assert standing() == before


def test_what_is_retained_by_another_language_stays_too(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    [block] = re.findall(r"^```yaml\n(.*?)^```$", (programs.RECIPES / PAGE).read_text(), re.DOTALL | re.MULTILINE)
    stack = languages.program(sandbox, {}, **yaml.safe_load(block), outputs={})
    stack.up()
    stack.destroy()
    assert len(service_roles(sandbox)) == 1
    assert sandbox.cloud.iam().list_attached_user_policies(UserName="alice")["AttachedPolicies"]


def test_careful_deletion_warns_and_loses_nothing_of_others(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    key_warning, role_warning, error = programs.told(PAGE)
    named = CAREFUL.replace('"users"', '"service_role": {"name": "recommender"},\n        "users"')
    stack = programs.stack(sandbox, named, key)
    stack.up()
    whole = somebody_adds_a_statement(sandbox)

    programs.rewrite(stack, BUCKET_ENTRY.sub("", named), key)
    done = stack.preview(check=False)
    assert not done.ok
    assert error in done.output
    done = stack.destroy(check=False)
    assert not done.ok
    assert "--run-program" in done.output
    assert buckets_with_policies(sandbox) == {"shop-training"}

    told = f'"uses": ["import"], "existing_policy": {json.dumps(whole)}'
    programs.rewrite(stack, named.replace('"uses": ["import"]', told), key)
    stack.up()
    programs.rewrite(stack, KEY_ENTRY.sub("", BUCKET_ENTRY.sub("", named)), key)
    done = stack.preview()
    assert key_warning in done.output
    assert role_warning not in done.output
    assert role_warning in stack.destroy("--run-program").output
    assert service_roles(sandbox) == []
    assert "Backup" in sandbox.cloud.s3().get_bucket_policy(Bucket="shop-training")["Policy"]


UNWATCHED = """
from personalize_permissions import PersonalizePermissions

PersonalizePermissions("recs", {"buckets": [{"bucket": "shop-training", "uses": ["import"]}]})
"""


def test_without_it_a_destroy_that_runs_the_program_stops_and_one_that_does_not_takes_all(sandbox: Sandbox) -> None:
    stack = programs.stack(sandbox, UNWATCHED, people_and_things(sandbox))
    stack.up()
    somebody_adds_a_statement(sandbox)
    done = stack.destroy("--run-program", check=False)
    assert not done.ok
    assert "does not hold Statement[2] (Sid Backup)" in done.output
    assert "delete" not in done.changes
    assert buckets_with_policies(sandbox) == {"shop-training"}
    assert len(service_roles(sandbox)) == 1

    stack.destroy()
    assert buckets_with_policies(sandbox) == set()
