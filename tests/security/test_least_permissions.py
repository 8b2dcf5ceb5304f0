"""The generated policy of whoever deploys: the real engine runs with it, and every part of it is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions import BucketUse, InvalidArgumentsError
from personalize_permissions.__main__ import main
from personalize_permissions._documents.provider_api_calls import CALLS
from personalize_permissions._documents.statements import BucketGrant
from personalize_permissions.least_permissions import deployment_policy
from sandbox import plugins
from sandbox.cloud import ACCOUNT, Cloud
from sandbox.engine import Engine
from sandbox.paths import REPOSITORY
from sandbox.session import Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, PROGRAM, foreign_policy, people_and_things
from tests.security.gate import Asked, Gate, gate
from tests.support.inline import InlineSandbox

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def policy_for(*arguments: dict[str, Any]) -> PolicyDocument:
    return deployment_policy("recs", *arguments, account=ACCOUNT, region="us-east-1")


def first(key: str) -> dict[str, Any]:
    return {
        "users": ["alice"],
        "groups": ["group-alice"],
        "roles": ["role-alice"],
        "service_role": {"path": "/service-role/"},
        "buckets": [{"bucket": "shop-training", "uses": ["import"]}],
        "keys": [{"key_arn": key, "existing_policy": KEY_ADMINISTRATION}],
        "tags": {"team": "shop"},
    }


def second(key: str) -> dict[str, Any]:
    """Every part of `first` changed in place, added to, or taken out."""
    return first(key) | {
        "users": ["bob"],
        "policy": "least-privilege",
        "cloudwatch": "full-access-v2",
        "service_role": {
            "path": "/service-role/",
            "max_session_duration": 7200,
            "permissions_boundary": BOUNDARY,
        },
        "source_accounts": [ACCOUNT, "210987654321"],
        "buckets": [
            {"bucket": "shop-training", "uses": ["import", "export"]},
            {"bucket": "shop-results", "uses": ["batch"], "existing_policy": foreign_policy("shop-results")},
        ],
        "keys": [{"key_arn": key, "existing_policy": KEY_ADMINISTRATION, "dataset_export": True}],
        "tags": {"owner": "shop"},
    }


@pytest.fixture(scope="module")
def deployed(
    engine: Engine, account: Cloud, pulumi_home: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gate]:
    """A whole life of a permission set, by somebody who may do what the policy says and nothing else."""
    account.reset()
    folder = tmp_path_factory.mktemp("deployed")
    key = people_and_things(InlineSandbox(folder, engine, account, home=pulumi_home))
    account.iam().create_policy(PolicyName="boundary", PolicyDocument=_ANYTHING)
    with gate(account, policy_for(first(key), second(key))) as one:
        sandbox = InlineSandbox(folder, engine, account, pulumi_home, {"AWS_ENDPOINT_URL": one.endpoint})
        stack = sandbox.program(PROGRAM, {"args": first(key)})
        stack.up()
        stack.configure({"args": second(key)})
        stack.up()
        assert stack.refresh().changes == {}
        role = stack.outputs()["role"].rsplit("/", 1)[-1]
        other = sandbox.project(stack.folder, "imported")
        sandbox.run([*_IMPORT, "aws:iam/role:Role", "role", role, "--stack", other.stack], other.folder)
        stack.configure({"args": first(key)})
        stack.up()
        stack.destroy()
        yield one


_IMPORT = ("import", "--yes", "--skip-preview", "--generate-code=false", "--protect=false")
_ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@pytest.mark.engine
def test_the_policy_is_enough_from_the_first_up_to_destroy(deployed: Gate) -> None:
    assert deployed.refused == []
    assert len(deployed.asked) > 200


@pytest.mark.engine
def test_without_any_one_of_its_actions_something_is_refused_or_the_table_says_why(deployed: Gate) -> None:
    needed = {asked for asked in deployed.asked if not asked.in_place_of_aws}
    seen = {asked.action for asked in needed if not asked.action.startswith("sts:")}
    actions = {action for statement in deployed.policy.statements for action in statement.actions}
    explained = {call.action for calls in CALLS.values() for call in calls if call.unseen}
    assert seen <= actions
    assert actions - seen <= explained
    for action in seen:
        rest = without(deployed.policy, action)
        assert any(not asked.allowed_by(rest) for asked in needed), action


@pytest.mark.engine
def test_what_the_table_keeps_for_the_real_provider_is_not_made_by_the_emulated_one(deployed: Gate) -> None:
    """A reason that no longer holds is taken out of the table."""
    seen = {asked.action for asked in deployed.asked}
    always = {
        call.action
        for calls in CALLS.values()
        for call in calls
        if call.unseen
        and not any(each.action == call.action and not each.unseen for row in CALLS.values() for each in row)
    }
    assert always == {
        "iam:UpdateRoleDescription",
        "iam:ListInstanceProfilesForRole",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
    }
    made_by_the_real_one = bool(always & seen)
    assert made_by_the_real_one == (plugins.choose().kind != "emulated")


@pytest.mark.engine
def test_an_update_without_one_of_them_fails_and_says_which(sandbox: Sandbox, tmp_path: Any) -> None:
    people_and_things(sandbox)
    args = {"users": ["alice"]}
    with gate(sandbox.cloud, without(policy_for(args), "iam:AttachUserPolicy")) as one:
        poor = Sandbox(tmp_path, sandbox.engine, sandbox.cloud, sandbox.home, {"AWS_ENDPOINT_URL": one.endpoint})
        done = poor.program(PROGRAM, {"args": args}).up(check=False)
    assert not done.ok
    assert "iam:AttachUserPolicy" in done.output
    assert {asked.action for asked in one.refused} == {"iam:AttachUserPolicy"}


def without(policy: PolicyDocument, action: str) -> PolicyDocument:
    text = re.sub(rf'"{action}",|,?"{action}"', "", policy.to_json())
    return PolicyDocument.parse(
        {**json.loads(text), "Statement": [each for each in json.loads(text)["Statement"] if each["Action"]]}
    )


ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/recs-service-role-1a2b3c4"
ATTEMPTS = {
    "giving Alice administration": Asked(
        "iam:AttachUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/alice", (("iam:PolicyARN", ADMINISTRATOR),)
    ),
    "giving the service role administration": Asked(
        "iam:AttachRolePolicy", ROLE, (("iam:PermissionsBoundary", BOUNDARY), ("iam:PolicyARN", ADMINISTRATOR))
    ),
    "a role without the boundary": Asked("iam:CreateRole", ROLE),
    "a role with another boundary": Asked("iam:CreateRole", ROLE, (("iam:PermissionsBoundary", ADMINISTRATOR),)),
    "taking the boundary away": Asked(
        "iam:DeleteRolePermissionsBoundary", ROLE, (("iam:PermissionsBoundary", BOUNDARY),)
    ),
    "a role of another name": Asked(
        "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/service-role/other", (("iam:PermissionsBoundary", BOUNDARY),)
    ),
    "a policy of another name": Asked("iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/other"),
    "a person who is not named": Asked("iam:ListAttachedUserPolicies", f"arn:aws:iam::{ACCOUNT}:user/bob"),
    "another bucket": Asked("s3:PutBucketPolicy", "arn:aws:s3:::other"),
    "deleting a policy that holds statements of others": Asked("s3:DeleteBucketPolicy", "arn:aws:s3:::shared"),
    "another key": Asked("kms:PutKeyPolicy", KEY.replace("1234", "4321")),
    "passing a role": Asked("iam:PassRole", ROLE),
}
LIMITED: dict[str, Any] = {
    "users": ["alice"],
    "service_role": {"path": "/service-role/", "permissions_boundary": BOUNDARY},
    "buckets": [
        {"bucket": "own", "uses": ["import"]},
        {"bucket": "shared", "uses": ["import"], "existing_policy": foreign_policy("shared")},
        {"bucket": "theirs", "uses": ["import"], "bucket_policy": "statements"},
    ],
    "keys": [{"key_arn": KEY, "existing_policy": KEY_ADMINISTRATION}],
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_it_allows_nothing_beyond(attempt: Asked) -> None:
    assert not attempt.allowed_by(policy_for(LIMITED))


def test_a_bucket_whose_owner_takes_statements_needs_nothing() -> None:
    assert "theirs" not in policy_for(LIMITED).to_json()


def test_both_spellings_and_any_order_give_the_same_text() -> None:
    schema = {"users": ["bob", "alice"], "serviceRole": {"maxSessionDuration": 7200}, "policyName": "people"}
    python = {"users": ["alice", "bob"], "service_role": {"max_session_duration": 7200}, "policy_name": "people"}
    assert policy_for(schema).to_json() == policy_for(python).to_json()
    assert f"arn:aws:iam::{ACCOUNT}:policy/people" in policy_for(python).to_json()


def test_in_china_its_arns_are_of_china() -> None:
    text = deployment_policy("recs", LIMITED | {"keys": []}, account=ACCOUNT, region="cn-north-1").to_json()
    assert "arn:aws-cn:iam" in text
    assert '"arn:aws:iam' not in text.replace(BOUNDARY, "")


def test_wrong_arguments_are_refused_as_the_component_refuses_them() -> None:
    with pytest.raises(InvalidArgumentsError, match="sourceAccounts"):
        policy_for({"sourceAccounts": ["12"]})
    with pytest.raises(InvalidArgumentsError, match="source_accounts"):
        policy_for({"source_accounts": ["12"]})


def test_the_command_prints_it(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "args.json"
    file.write_text(json.dumps(LIMITED))
    assert main(["least-permissions", "recs", str(file), "--account", ACCOUNT, "--region", "us-east-1"]) == 0
    assert PolicyDocument.parse(capsys.readouterr().out) == policy_for(LIMITED)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("[]", "holds no JSON object"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"users": "alice"}', "users"),
        ('{"polcy": "custom"}', "polcy"),
    ],
    ids=["a list", "no JSON", "too deep", "a wrong value", "a wrong name"],
)
def test_the_command_tells_what_is_wrong(
    text: str, reported: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "args.json"
    file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["least-permissions", "recs", str(file), "--account", ACCOUNT, "--region", "us-east-1"])
    assert ended.value.code == 2
    assert reported in capsys.readouterr().err


PAGE = (REPOSITORY / "docs/least-permissions.md").read_text()


def test_the_page_shows_what_the_command_prints(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, printed, boundary = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "args.json").write_text(arguments)
    [command] = re.findall(r"-m personalize_permissions (.* args\.json \\\n.*)\n", PAGE)
    main(command.replace("args.json", str(tmp_path / "args.json")).replace("\\\n", "").split())
    assert capsys.readouterr().out == printed
    PolicyDocument.parse(boundary)


def test_the_pages_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(program, "docs/least-permissions.md", "exec"), {})
    assert "iam:CreateRole" in capsys.readouterr().out


def test_the_pages_boundary_lets_the_role_do_what_the_permission_set_gives_it() -> None:
    """Nothing that the service role gets for its bucket is cut off by the boundary that the page shows."""
    boundary = PolicyDocument.parse(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[2])
    for use in BucketUse:
        for statement in BucketGrant("aws", "training-data", frozenset({use})).for_role().statements:
            for action in statement.actions:
                for resource in statement.resources:
                    assert Asked(action, resource).allowed_by(boundary), (action, resource)
