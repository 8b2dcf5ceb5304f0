"""The recipe "Deletion": its programs, on the real engine, and what it says of what goes and what stays."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.session import Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, PROGRAM, everything, foreign_policy, people_and_things
from tests.languages import test_yaml as languages
from tests.lifecycle import programs

pytestmark = pytest.mark.engine
PAGE = "deletion.md"
PROTECTED, RETAINED, CAREFUL = (programs.program(PAGE, number) for number in range(3))
KEY_ENTRY = re.compile(r'^ +"keys": \[.*?^        \],\n', re.MULTILINE | re.DOTALL)


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


def test_careful_deletion_warns(sandbox: Sandbox) -> None:
    key = people_and_things(sandbox)
    key_warning, role_warning = programs.warnings_and_errors(PAGE)
    named = CAREFUL.replace('"users"', '"service_role": {"name": "recommender"},\n        "users"')
    stack = programs.stack(sandbox, named, key)
    stack.up()
    done = stack.destroy(check=False)
    assert not done.ok
    assert "--run-program" in done.output

    programs.rewrite(stack, KEY_ENTRY.sub("", named), key)
    done = stack.preview()
    assert key_warning in done.output
    assert role_warning not in done.output
    assert role_warning in stack.destroy("--run-program").output
    assert service_roles(sandbox) == []


@pytest.mark.skipif(shutil.which("jq") is None, reason="the page's command is jq's")
def test_the_statements_that_stay_are_removed_as_the_page_shows(sandbox: Sandbox, tmp_path: Path) -> None:
    people_and_things(sandbox)
    s3 = sandbox.cloud.s3()
    theirs = foreign_policy("shop-training")
    s3.put_bucket_policy(Bucket="shop-training", Policy=theirs)
    entry = {"bucket": "shop-training", "uses": ["import"], "existing_policy": theirs}
    stack = sandbox.program(PROGRAM, {"args": {"buckets": [entry]}})
    stack.up()
    stack.destroy()
    left = s3.get_bucket_policy(Bucket="shop-training")["Policy"]
    assert len(json.loads(left)["Statement"]) == 3
    (tmp_path / "policy.json").write_text(left)
    [command] = re.findall(r"^\$ (jq .*)$", (programs.RECIPES / PAGE).read_text(), re.MULTILINE)
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    rest = json.loads((tmp_path / "rest.json").read_text())
    assert [statement["Sid"] for statement in rest["Statement"]] == ["Backup"]


@pytest.mark.parametrize("policy", ["custom", "managed", "least-privilege"])
def test_an_empty_stack_is_destroyed_though_the_program_runs(policy: str, sandbox: Sandbox) -> None:
    args = {**everything(people_and_things(sandbox)), "policy": policy}
    stack = sandbox.program(PROGRAM, {"args": args})
    done = stack.destroy("--run-program", check=False)
    assert done.ok, done.output
    assert "Traceback" not in done.output
    assert not service_roles(sandbox)
