"""The README's programs run, and what it says is so."""

from __future__ import annotations

import re

import pytest

from personalize_permissions import PersonalizePermissionsArgs
from sandbox.paths import REPOSITORY
from sandbox.session import Sandbox

README = (REPOSITORY / "README.md").read_text()
PROGRAMS = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "import pulumi\n" in block]
OTHERS = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "import pulumi\n" not in block]


@pytest.mark.engine
@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_each_program_previews(program: str, sandbox: Sandbox) -> None:
    sandbox.cloud.s3().create_bucket(Bucket="training-data")
    assert sandbox.program(program).preview().changes["create"] >= 5


@pytest.mark.parametrize("program", OTHERS, ids=range(len(OTHERS)))
def test_each_other_block_runs(program: str) -> None:
    exec(compile(program, "README.md", "exec"), {})


def test_the_first_program_has_twelve_lines() -> None:
    assert len([line for line in PROGRAMS[0].splitlines() if line.strip()]) <= 12


def test_the_yaml_is_the_example() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert block == (REPOSITORY / "examples/yaml/Pulumi.yaml").read_text()


def test_every_argument_is_in_the_table() -> None:
    for name in PersonalizePermissionsArgs.__annotations__:
        assert f"`{name}`" in README


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (REPOSITORY / target).exists(), target
