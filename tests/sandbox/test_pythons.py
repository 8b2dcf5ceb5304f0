"""Which interpreter runs a program, and what its packages need."""

from __future__ import annotations

import json
import sys
import venv
from pathlib import Path

import pytest

from sandbox import plugins
from sandbox.host.pythons import Python, has_editable, installed_plugins, python_for
from sandbox.paths import REPOSITORY


def test_without_an_option_it_is_the_one_on_path() -> None:
    assert python_for("/somewhere", {"toolchain": "pip"}) == Python("python3", {})


def test_the_option_is_relative_to_the_project(tmp_path: Path) -> None:
    venv.create(tmp_path / "project/venv", with_pip=False)
    python = python_for(str(tmp_path / "project"), {"virtualenv": "venv"})
    assert Path(python.executable) == tmp_path / "project/venv/bin/python"
    assert python.environment["PATH"].startswith(str(tmp_path / "project/venv/bin"))


def test_a_virtualenv_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='make it with "pulumi install"'):
        python_for(str(tmp_path), {"virtualenv": "venv"})


def test_the_plugins_of_installed_packages_are_found() -> None:
    found = installed_plugins(Python(sys.executable, {}))
    assert {"name": "aws", "version": f"v{plugins.version()}", "server": ""} in found
    assert "policy" not in {plugin["name"] for plugin in found}


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"resource": True}, []),
        ({"resource": True, "version": "1.2.3"}, [{"name": "two-words", "version": "v1.2.3", "server": ""}]),
        (
            {"resource": True, "name": "other", "version": "v1.2.3", "server": "github://a"},
            [{"name": "other", "version": "v1.2.3", "server": "github://a"}],
        ),
        ({"resource": False, "version": "1.2.3"}, []),
    ],
    ids=["nothing is installed under that name", "named after the package", "named by itself", "no resource plugin"],
)
def test_a_package_says_what_it_needs(about: dict[str, object], expected: list[dict[str, str]], tmp_path: Path) -> None:
    package = tmp_path / "pulumi_two_words"
    package.mkdir()
    (package / "pulumi-plugin.json").write_text(json.dumps(about))
    found = installed_plugins(Python(sys.executable, {"PYTHONPATH": str(tmp_path)}))
    assert [plugin for plugin in found if plugin["name"] != "aws"] == expected
    assert len(found) == len(expected) + 1  # the others are not lost


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        (f"# ours\n{REPOSITORY}\n", True),
        (f"{REPOSITORY}\nboto3\n", False),
        ("boto3\n", False),
        ("", False),
        (None, False),
        ("../other\n", False),
    ],
)
def test_only_requirements_that_are_the_sources_at_hand_need_no_install(
    requirements: str | None, expected: bool, tmp_path: Path
) -> None:
    folder, other = tmp_path / "plugin", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    (other / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    if requirements is not None:
        (folder / "requirements.txt").write_text(requirements)
    assert has_editable(Python(sys.executable, {}), folder) is expected
