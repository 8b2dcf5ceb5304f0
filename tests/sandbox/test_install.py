"""What a fresh clone installs: the groups of pyproject.toml, with pip alone, and no more than a target needs."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from sandbox import install
from sandbox.paths import REPOSITORY
from tests.support.environments import environment_with

GROUPS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["dependency-groups"]
SOURCES = [REPOSITORY, REPOSITORY / "components", REPOSITORY / "policy_pack"]


def run(python: Path, code: str) -> subprocess.CompletedProcess[str]:
    lines = f"import sys; sys.path[:0] = {[str(source) for source in SOURCES]}\n{code}"
    return subprocess.run([str(python), "-P", "-c", lines], capture_output=True, text=True, check=False)


def names(group: str) -> set[str]:
    return {re.split(r"[\[<>=]", each)[0] for each in install.requirements(group, GROUPS)}


def test_a_group_brings_what_it_includes() -> None:
    groups = {"a": ["one>=1"], "b": [{"include-group": "a"}, "two"], "c": [{"include-group": "b"}, "three"]}
    assert list(install.requirements("c", groups)) == ["one>=1", "two", "three"]


def test_every_group_that_the_makefile_installs_is_there() -> None:
    wanted = set(re.findall(r"\$\(INSTALLED\)-(\w+)", (REPOSITORY / "Makefile").read_text()))
    assert wanted == {"up", "test", "docs", "bench"} == set(GROUPS)


def test_what_up_needs_is_a_part_of_what_tests_need_and_has_none_of_their_tools() -> None:
    assert names("up") | names("docs") <= names("test")
    assert not {"pytest", "mypy", "mkdocs", "hypothesis", "ruff", "twine"} & names("up")


def test_setting_up_runs_on_a_python_that_has_nothing_installed(tmp_path: Path) -> None:
    python = environment_with(tmp_path / "venv")
    done = run(python, "import sandbox.install, sandbox.engine.__main__")
    assert done.returncode == 0, done.stderr


def test_up_finds_all_that_it_imports_in_its_group(tmp_path: Path) -> None:
    needed = ["personalize-permissions", "pulumi-policy", "py-partiql-parser", *names("up")]  # the parser: moto[s3]
    python = environment_with(tmp_path / "venv", *needed)
    modules = [
        *(
            "sandbox.__main__",
            "sandbox.moto_server",
            "sandbox.host.__main__",
            "sandbox.emulator.__main__",
            "sandbox.bridge.__main__",
        ),
        *("personalize_permissions", "personalize_guardrails.policies", "pulumi_policy"),
        *(f"moto.{service}.responses" for service in ("iam", "kms", "s3", "sts")),
    ]
    done = run(python, f"import {', '.join(modules)}")
    assert done.returncode == 0, done.stderr
