"""The language host, as the engine uses it: programs that fail, configuration, packs, and processes that end."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
import yaml

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine


def test_a_program_error_is_quotedce_with_the_users_own_lines(sandbox: Sandbox) -> None:
    done = sandbox.program("import pulumi\nraise ValueError('broken here')\n").preview(check=False)
    assert not done.ok
    assert "ValueError: broken here" in done.output
    assert done.output.count("Traceback") == 1


def test_a_run_error_is_reported_without_a_traceback(sandbox: Sandbox) -> None:
    done = sandbox.program("import pulumi\nraise pulumi.RunError('not like this')\n").preview(check=False)
    assert not done.ok
    assert "not like this" in done.output
    assert "Traceback" not in done.output


def test_configuration_and_its_secrets_reach_the_program(sandbox: Sandbox) -> None:
    source = (
        "import pulumi\nconfig = pulumi.Config()\npulumi.export('plain', config.require('plain'))\n"
        "pulumi.export('hidden', config.require_secret('hidden'))\n"
        "pulumi.export('where', [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])\n"
    )
    project = sandbox.program(source, {"plain": "seen", "hidden": {"secret": "veiled"}})
    assert "veiled" not in project.up().output
    assert project.outputs() == {"plain": "seen", "hidden": "veiled", "where": ["shop", "test", "organization"]}


def test_a_virtualenv_that_is_not_there_is_named(sandbox: Sandbox) -> None:
    project = sandbox.program("import pulumi\n")
    runtime = {"name": "python", "options": {"virtualenv": "nowhere"}}
    (project.folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "shop", "runtime": runtime}))
    done = project.preview(check=False)
    assert not done.ok
    assert "nowhere" in done.output


PACK = """
import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def validate(args, report):
    if args.resource_type == "aws:iam/user:User":
        report(f"no users in {pulumi.get_project()}/{pulumi.get_stack()}, says {pulumi.Config('shop').get('reason')}")

PolicyPack("no-users", [ResourceValidationPolicy("no-users", "No users.", validate)], EnforcementLevel.MANDATORY)
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text(
        yaml.safe_dump({"name": "no-users", "runtime": "python", "version": "0.0.1"})
    )
    (folder / "__main__.py").write_text(PACK)
    return folder


def test_a_policy_pack_knows_the_stack_and_blocks(sandbox: Sandbox, pack: Path) -> None:
    project = sandbox.program("import pulumi_aws as aws\naws.iam.User('alice')\n", {"shop:reason": "the owner"})
    done = project.up(packs=[pack], check=False)
    assert not done.ok
    assert "no users in shop/test, says the owner" in done.output
    assert sandbox.cloud.iam().list_users()["Users"] == []


def test_a_policy_pack_that_does_not_start_says_why(sandbox: Sandbox, pack: Path) -> None:
    (pack / "__main__.py").write_text("import nothing_of_that_name\n")
    done = sandbox.program("import pulumi\n").up(packs=[pack], check=False)
    assert not done.ok
    assert "nothing_of_that_name" in done.output
    assert "did not start" in done.output


WAITING = (
    "import time\nimport pulumi_aws as aws\naws.iam.Group('shop')\nprint('waiting', flush=True)\ntime.sleep(120)\n"
)


def test_nothing_is_left_running_after_the_engine_was_killed(sandbox: Sandbox, pack: Path) -> None:
    project = sandbox.program(WAITING)
    up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "test", "--policy-pack", str(pack)]
    running = subprocess.Popen(
        [str(sandbox.pulumi), *up],
        cwd=project.folder,
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout
    with running.stdout as said:
        assert any("waiting" in line for line in said)
        children = psutil.Process(running.pid).children(recursive=True)
        assert any("pulumi.policy" in " ".join(child.cmdline()) for child in children)
        assert any("pulumi-language-python-exec" in " ".join(child.cmdline()) for child in children)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
