"""`python -m sandbox run FOLDER`: the programs of the page "Run your own program", as a reader runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from sandbox import cloud as moto
from sandbox.paths import REPOSITORY
from tests.docs.pages import DOCS, blocks
from tests.languages import node

pytestmark = pytest.mark.engine

Run = Callable[..., "subprocess.CompletedProcess[str]"]
COMPONENTS = str(REPOSITORY / "components")
PAGE = blocks(DOCS / "your-own-program.md")
PYTHON, YAML = (block.text for block in PAGE if block.language == "yaml")


def source(language: str) -> str:
    [text] = (block.text for block in PAGE if block.language == language)
    return text


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One account for all programs, as one clone has."""
    folder = tmp_path_factory.mktemp("state")
    yield folder
    if left := moto.recorded(folder):
        left.stop()


@pytest.fixture
def sandbox_command(state: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "PERSONALIZE_SANDBOX_STATE": str(state), "npm_config_prefer_offline": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


def roles(state: Path) -> list[str]:
    cloud = moto.recorded(state)
    assert cloud
    return [role["Arn"] for role in cloud.iam().list_roles()["Roles"]]


def test_a_python_program_has_a_stack_of_its_own_and_down_removes_it(
    sandbox_command: Run, state: Path, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PYTHON)
    (tmp_path / "__main__.py").write_text(source("python"))
    up = sandbox_command("run", str(tmp_path))
    assert up.returncode == 0, up.stdout
    assert "personalize-guardrails" in up.stdout
    assert "Engine: Pulumi " in up.stdout
    arn = sandbox_command("run", str(tmp_path), "stack", "output", "serviceRoleArn").stdout.strip()
    assert arn in roles(state)
    again = sandbox_command("run", str(tmp_path), "preview", "--expect-no-changes")
    assert again.returncode == 0, again.stdout
    down = sandbox_command("down")
    assert down.returncode == 0, down.stdout
    assert "Nothing is left." in down.stdout


def test_a_program_that_the_pack_refuses_ends_in_the_reason_and_with_pulumis_code(
    sandbox_command: Run, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PYTHON)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    program = f"import pulumi_aws as aws\naws.iam.Role('open', assume_role_policy={json.dumps(json.dumps(trust))})\n"
    (tmp_path / "__main__.py").write_text(program)
    up = sandbox_command("run", str(tmp_path))
    assert up.returncode, up.stdout
    last = up.stdout.partition("pulumi up failed:\n")[2]
    assert "aws:iam/role:Role open: trust-policy-source-conditions" in last
    assert len(last.splitlines()) < 20


def test_a_yaml_program_uses_the_component(sandbox_command: Run, state: Path, tmp_path: Path) -> None:
    program = yaml.safe_load(YAML)
    program["packages"]["personalize-permissions"] = COMPONENTS
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    up = sandbox_command("run", str(tmp_path))
    assert up.returncode == 0, up.stdout
    assert sandbox_command("run", str(tmp_path), "stack", "output", "serviceRoleArn").stdout.strip() in roles(state)


def test_a_typescript_program_uses_the_generated_sdk(sandbox_command: Run, state: Path, tmp_path: Path) -> None:
    folder = node.project_folder(tmp_path / "shop")
    (folder / "index.ts").write_text(source("typescript"))
    added = sandbox_command("run", str(folder), "package", "add", COMPONENTS)
    assert added.returncode == 0, added.stdout
    up = sandbox_command("run", str(folder))
    assert up.returncode == 0, up.stdout
    assert sandbox_command("run", str(folder), "stack", "output", "serviceRoleArn").stdout.strip() in roles(state)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "has no Pulumi.yaml; write the folder of a Pulumi program"), ("name: [", "Pulumi.yaml is not YAML")],
    ids=["no project", "not YAML"],
)
def test_a_folder_that_is_no_program_is_refused_before_anything_starts(
    content: str | None, message: str, tmp_path: Path
) -> None:
    folder, state = tmp_path / "program", tmp_path / "state"
    folder.mkdir()
    if content:
        (folder / "Pulumi.yaml").write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "run", str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "PERSONALIZE_SANDBOX_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in state.iterdir()] == ["lock"]
