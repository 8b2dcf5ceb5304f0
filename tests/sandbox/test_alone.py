"""The sandbox keeps to itself: one command at a time, and nothing of the user's accounts in any process it starts."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.paths import REPOSITORY
from sandbox.session import Sandbox
from tests.sandbox.test_safety import LOGGED_IN


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_second_command_in_the_same_clone_waits_its_turn(command: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", command],
            cwd=REPOSITORY,
            env={**os.environ, "PERSONALIZE_SANDBOX_STATE": str(state)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stdout + done.stderr == "Another sandbox command is running in this clone; wait for it to end.\n"
    assert [path.name for path in state.iterdir()] == ["lock"]


SEEN = """
import os
import subprocess
import pulumi
import pulumi_aws as aws

theirs = lambda lines: {line.split("=")[0]: line.split("=", 1)[1] for line in lines if line.startswith(("AWS_", "PULUMI_"))}
pulumi.export("program", theirs(f"{name}={value}" for name, value in os.environ.items()))
pulumi.export("child", theirs(subprocess.run(["env"], capture_output=True, text=True).stdout.splitlines()))
pulumi.export("account", aws.get_caller_identity_output().account_id)
"""


@pytest.mark.engine
def test_a_program_sees_nothing_of_a_logged_in_user(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOGGED_IN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # a call that left this machine would end there
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    mine = Sandbox(sandbox.root / "mine", sandbox.engine, sandbox.cloud, home=sandbox.home)
    project = mine.program(SEEN)
    project.up()
    found = project.outputs()
    assert found["account"] == "123456789012"
    for seen in (found["program"], found["child"]):
        assert seen["AWS_ENDPOINT_URL"] == sandbox.cloud.endpoint
        assert seen["AWS_ACCESS_KEY_ID"] == "sandbox"
        assert [name for name, value in LOGGED_IN.items() if seen.get(name) == value] == []
    assert list(mine.backend.rglob("stacks/**/test.json"))


@pytest.mark.engine
@pytest.mark.parametrize(
    "more",
    [
        {"AWS_ENDPOINT_URL": "https://iam.amazonaws.com"},
        {"AWS_ENDPOINT_URL_KMS": "https://kms.amazonaws.com"},
        {"PULUMI_BACKEND_URL": "https://api.pulumi.com"},
        {"AWS_PROFILE": "production"},
        {"AWS_CONFIG_FILE": "/home/user/.aws/config"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_variable_that_leads_elsewhere_is_refused_before_anything_runs(
    more: dict[str, str], sandbox: Sandbox
) -> None:
    with pytest.raises(SandboxError, match="refuses to run"):
        Sandbox(sandbox.root, sandbox.engine, sandbox.cloud, home=sandbox.home, variables=more)
