"""The wheel: its contents, and that it works in an environment with pulumi and pulumi-aws alone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sandbox.paths import REPOSITORY
from tests.support.environments import environment_with

CONSUMER = """
import pulumi
from personalize_permissions import PersonalizePermissions, PolicyChoice
from personalize_guardrails import Finding, check_trust_policy

permissions = PersonalizePermissions(
    "recs",
    {"users": ["alice"], "policy": "least-privilege", "buckets": [{"bucket": "data", "uses": ["import"]}]},
    pulumi.ResourceOptions(protect=True),
)
choice: PolicyChoice = PolicyChoice.CUSTOM
arn: pulumi.Output[str] = permissions.service_role_arn
findings: tuple[Finding, ...] = check_trust_policy("{}")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(REPOSITORY)],
        check=True,
        capture_output=True,
    )
    [built] = target.glob("*.whl")
    return built


def test_the_wheel_holds_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/", 1)[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "personalize_permissions",
        "personalize_guardrails",
    }
    assert "personalize_permissions/py.typed" in names
    assert "personalize_guardrails/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_works_with_pulumi_and_pulumi_aws_alone(wheel: Path, tmp_path: Path) -> None:
    python = environment_with(tmp_path / "venv", "pulumi", "pulumi-aws")
    [site] = (tmp_path / "venv").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    script = (
        "import sys\n"
        "from personalize_permissions import PersonalizePermissions\n"
        "import personalize_permissions\n"
        f"assert personalize_permissions.__file__.startswith({str(site)!r}), personalize_permissions.__file__\n"
        "assert 'pulumi_policy' not in sys.modules and 'boto3' not in sys.modules\n"
        "print(PersonalizePermissions.__name__)\n"
    )
    done = subprocess.run([str(python), "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "PersonalizePermissions\n", done.stderr


def test_a_typed_program_checks_against_the_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "lib")
    (tmp_path / "consumer.py").write_text(CONSUMER)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "consumer.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(tmp_path / "lib")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
