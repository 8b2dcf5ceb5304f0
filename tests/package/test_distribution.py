"""What is released: its contents, and that it works in an environment with pulumi and pulumi-aws alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import hatch_build
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
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and with the wheel that is built from it."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(REPOSITORY)],
        check=True,
        capture_output=True,
    )
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    [wheel] = built.glob("*.whl")
    return wheel


def test_the_wheel_holds_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    packages = [REPOSITORY / "components/personalize_permissions", REPOSITORY / "policy_pack/personalize_guardrails"]
    files = {str(file.relative_to(package.parent)) for package in packages for file in _files(package)}
    assert {name for name in names if ".dist-info/" not in name} == files
    assert {"personalize_permissions/py.typed", "personalize_guardrails/py.typed"} <= files
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_distribution_holds_what_is_needed_to_build_and_test_and_nothing_made(built: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.split("/", 1)[1] for name in opened.getnames()}
    assert {
        "Makefile",
        "Pulumi.yaml",
        "policy_pack/PulumiPolicy.yaml",
        "tests/conftest.py",
        "sandbox/engine/go.mod",
    } <= names
    made = re.compile(r"(^|/)(\.sandbox|\.venv|node_modules|__pycache__|\.hypothesis|site|\.git|\.github)(/|$)")
    assert not [name for name in names if made.search(name)]


def test_the_source_distribution_holds_what_its_pages_link_to(built: Path, tmp_path: Path) -> None:
    """So that the site can be built from it: MkDocs refuses a link that leads nowhere."""
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    links = [
        (page.parent / target).resolve()
        for page in tmp_path.rglob("*.md")
        for target in re.findall(r"\]\((?![a-z]+:)([^)#\s]+)", page.read_text())
    ]
    assert len(links) > 100
    assert [target for target in links if not target.exists()] == []


def test_indexes_take_the_metadata(built: Path) -> None:
    check = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir())]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_pypi_takes_the_labels_of_the_addresses(wheel: Path) -> None:
    """It refuses longer ones, which no check before an upload tells."""
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = (archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    labels = re.findall(r"^Project-URL: (.*?),", metadata, re.MULTILINE)
    assert labels
    assert [label for label in labels if len(label) > 32] == []


@pytest.mark.parametrize("repository", ["", "https://example.com/owner/name"], ids=["no repository", "a repository"])
def test_the_readme_has_no_dead_link_on_an_index(repository: str) -> None:
    readme = (REPOSITORY / "README.md").read_text()
    shown = hatch_build.on_an_index(readme, repository, "v9.8.7")
    relative = re.compile(r"\]\((?![a-z]+:|#)")
    assert relative.search(readme)
    assert not relative.search(shown)
    page = f"]({repository}/blob/v9.8.7/docs/rule.md)"
    picture = f"]({repository}/raw/v9.8.7/docs/images/granted.svg)"
    assert (page in shown) is (picture in shown) is bool(repository)


def test_a_release_leads_to_the_repository_that_it_was_made_from(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(REPOSITORY)],
        env={**os.environ, "GITHUB_SERVER_URL": "https://example.com", "GITHUB_REPOSITORY": "owner/name"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = (archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    assert "Project-URL: Source, https://example.com/owner/name\n" in metadata
    assert "(https://example.com/owner/name/blob/v1.0.0/CHANGELOG.md)" in metadata


def test_the_classifiers_name_the_versions_of_python_that_are_tested() -> None:
    if not (workflow := REPOSITORY / ".github/workflows/ci.yml").exists():
        pytest.skip("the source distribution has no workflows")
    classifiers = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["classifiers"]
    named = [each.rpartition(" ")[2] for each in classifiers if re.search(r":: 3\.\d+$", each)]
    [job] = yaml.safe_load(workflow.read_text())["jobs"].values()
    assert named == job["strategy"]["matrix"]["python"]


def _files(package: Path) -> Iterator[Path]:
    return (file for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


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
    done = subprocess.run(  # with the options, and so the cache, of `make check`: pulumi_aws takes minutes to read
        [sys.executable, "-m", "mypy", str(tmp_path / "consumer.py")],
        cwd=REPOSITORY,
        env={**os.environ, "MYPYPATH": str(tmp_path / "lib")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
