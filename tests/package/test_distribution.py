"""The wheel: its contents, and that it works in an environment with pulumi and pulumi-aws alone."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from sandbox.paths import REPOSITORY

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
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    [site] = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # What pip would install with it: what pulumi and pulumi-aws themselves require, and nothing more.
    needed = _requirements("pulumi", "pulumi-aws")
    script = (
        "import sys, importlib.metadata as m\n"
        "from personalize_permissions import PersonalizePermissions\n"
        "import personalize_permissions\n"
        f"assert personalize_permissions.__file__.startswith({str(site)!r}), personalize_permissions.__file__\n"
        "assert 'pulumi_policy' not in sys.modules and 'boto3' not in sys.modules\n"
        "print(PersonalizePermissions.__name__)\n"
    )
    farm = tmp_path / "farm"
    farm.mkdir()
    for path in needed:
        (farm / path.name).symlink_to(path)
    done = subprocess.run(
        [str(home / "bin/python"), "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(farm)},
        check=False,
    )
    assert done.stdout == "PersonalizePermissions\n", done.stderr


def _requirements(*roots: str) -> set[Path]:
    """The installed files of distributions and all that they require, as entries of site-packages."""
    import importlib.metadata as metadata
    import re

    pending, seen, entries = list(roots), set(), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        for file in distribution.files or []:
            if file.parts[0] != "..":
                entries.add(Path(str(distribution.locate_file(file.parts[0]))))
        required = [each for each in distribution.requires or [] if "extra ==" not in each]
        pending += [re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0] for each in required]
    return {entry for entry in entries if entry.exists()}


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
