"""A run that was killed is recovered by the next: nothing is made twice, nothing is left behind."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from sandbox.recovery import recover, repair_backend
from sandbox.session import Project, Sandbox

pytestmark = pytest.mark.engine

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
PROGRAM = f"""
import pulumi_aws as aws
aws.s3.Bucket("data", bucket="shop-data")
role = aws.iam.Role("role", assume_role_policy={TRUST!r})
policy = aws.iam.Policy("policy", policy={POLICY!r})
user, group = aws.iam.User("user"), aws.iam.Group("group")
aws.iam.UserPolicyAttachment("attached", user=user.name, policy_arn=policy.arn)
"""


def names_in_account(sandbox: Sandbox) -> list[str]:
    """The names of everything in the account."""
    iam = sandbox.cloud.iam()
    return sorted(
        [
            *(role["RoleName"] for role in iam.list_roles()["Roles"]),
            *(user["UserName"] for user in iam.list_users()["Users"]),
            *(group["GroupName"] for group in iam.list_groups()["Groups"]),
            *(policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]),
            *(bucket["Name"] for bucket in sandbox.cloud.s3().list_buckets()["Buckets"]),
        ]
    )


def forget_being_made(project: Project, kinds: set[str]) -> None:
    """Make the state what it is when the engine dies while it waits for AWS's answer: creates that are pending."""
    (file,) = project.sandbox.backend.rglob("stacks/**/test.json")
    state = json.loads(file.read_text())
    latest: dict[str, Any] = state["checkpoint"]["latest"]
    died = [resource for resource in latest["resources"] if resource["type"] in kinds]
    for resource in died:
        latest["resources"].remove(resource)
        resource.pop("id")
        resource.pop("outputs")
    latest["pending_operations"] = [{"resource": resource, "type": "creating"} for resource in died]
    file.write_text(json.dumps(state))


MADE = [
    "aws:iam/role:Role",
    "aws:iam/policy:Policy",
    "aws:iam/group:Group",
    "aws:iam/user:User",
    "aws:s3/bucket:Bucket",
]


@pytest.mark.parametrize("kind", MADE)
def test_what_was_being_made_is_taken_over(kind: str, sandbox: Sandbox) -> None:
    project = sandbox.program(PROGRAM)
    project.up()
    before = names_in_account(sandbox)
    leaning = {"aws:iam/userPolicyAttachment:UserPolicyAttachment"}  # made after those that it names
    forget_being_made(project, {kind} | leaning)
    assert recover(project)
    project.up()
    assert names_in_account(sandbox) == before
    assert project.up().changes == {}
    project.destroy()
    assert names_in_account(sandbox) == []


def test_what_was_not_made_yet_is_made_by_the_next_run(sandbox: Sandbox) -> None:
    project = sandbox.program(PROGRAM)
    project.up()
    forget_being_made(project, {*MADE, "aws:iam/userPolicyAttachment:UserPolicyAttachment"})
    sandbox.cloud.reset()
    assert recover(project)
    project.up()
    assert len(names_in_account(sandbox)) == 5
    assert project.up().changes == {}


def test_a_lock_that_a_killed_run_left_is_taken_back(sandbox: Sandbox) -> None:
    project = sandbox.program(f"{PROGRAM}\nimport time\nprint('waiting', flush=True)\ntime.sleep(60)\n")
    running = subprocess.Popen(
        [str(sandbox.pulumi), "up", "--yes", "--skip-preview", "--non-interactive", "--stack", project.stack],
        cwd=project.folder,
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout
    with running.stdout as said:
        assert any("waiting" in line for line in said)
        running.kill()
        running.wait()
    (project.folder / "__main__.py").write_text(PROGRAM)
    assert "locked" in project.up(check=False).output
    assert recover(project)
    project.up()
    assert project.up().changes == {}
    assert len(names_in_account(sandbox)) == 5


def test_a_state_whose_attributes_were_being_written_is_readable_again(sandbox: Sandbox) -> None:
    project = sandbox.program(PROGRAM)
    project.up()
    (attributes,) = sandbox.backend.rglob("stacks/**/test.json.attrs")
    attributes.write_bytes(b"")
    (attributes.parent / "test.json.18eaf4da3019e862.tmp").write_bytes(b"{")
    assert not project.preview(check=False).ok
    repair_backend(sandbox.backend)
    assert project.up().changes == {}
    assert not list(sandbox.backend.rglob("*.tmp"))


def test_a_run_that_ended_well_is_left_alone(sandbox: Sandbox) -> None:
    project = sandbox.program(PROGRAM)
    project.up()
    assert not recover(project)
