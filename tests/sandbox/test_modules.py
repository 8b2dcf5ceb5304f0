"""Node.js modules of a program, as the host of Node.js reads and writes them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sandbox.host.modules import installed_plugins, link, runner

pytestmark = pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed, and Node.js programs need it")


def module(folder: Path, **manifest: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (True, 'import * as myGreetings from "@my.team/my-greetings";'),
        (False, 'const myGreetings = require("@my.team/my-greetings");'),
    ],
    ids=["TypeScript", "JavaScript"],
)
def test_a_linked_package_is_a_dependency_once_and_said_how_to_import(tmp_path: Path, typed: bool, line: str) -> None:
    theirs = {"@pulumi/pulumi": "3.255.0"}
    (tmp_path / "package.json").write_text(json.dumps({"name": "shop", "dependencies": theirs}, indent=4))
    module(tmp_path / "sdks/greetings", name="@my.team/my-greetings")
    for _ in range(2):
        assert line in link(tmp_path, {"my-greetings": Path("sdks/greetings")}, typed=typed)
    expected = {"name": "shop", "dependencies": {"@my.team/my-greetings": "file:sdks/greetings", **theirs}}
    assert (tmp_path / "package.json").read_text().strip() == json.dumps(expected, indent=4)


def test_a_project_without_a_manifest_is_reported_in_npms_words(tmp_path: Path) -> None:
    module(tmp_path / "sdks/greetings", name="greetings")
    with pytest.raises(RuntimeError, match=r"package\.json"):
        link(tmp_path, {"greetings": Path("sdks/greetings")}, typed=True)


def test_plugins_are_those_that_modules_name(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    module(modules / "@pulumi/pulumi", name="@pulumi/pulumi", version="3.255.0")
    module(modules / "@pulumi/aws", name="@pulumi/aws", version="7.1.0", pulumi={"resource": True})
    pulumi = {"resource": True, "name": "greet", "version": "v2.0.0", "server": "https://example.com"}
    module(modules / "greetings", name="greetings", version="0.0.1", pulumi=pulumi)
    assert installed_plugins(tmp_path) == [
        {"name": "aws", "version": "v7.1.0", "server": ""},
        {"name": "greet", "version": "v2.0.0", "server": "https://example.com"},
    ]


def test_a_program_whose_modules_are_not_installed_is_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pulumi install"):
        runner(str(tmp_path))
