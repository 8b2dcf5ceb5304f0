"""Component packages for programs in other languages, and in Python, by the sandbox's own hosts."""

from __future__ import annotations

import py_compile
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

COMPONENT = '''
import pulumi
from pulumi.provider.experimental import component_provider_host
from typing import Optional, TypedDict


class GreetingArgs(TypedDict):
    whom: pulumi.Input[str]
    """Who is greeted."""


class Greeting(pulumi.ComponentResource):
    """Greets."""

    said: pulumi.Output[str]

    def __init__(self, name: str, args: GreetingArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("greetings:index:Greeting", name, {}, opts)
        self.said = pulumi.Output.concat("hello ", args["whom"])
        self.register_outputs({"said": self.said})


component_provider_host(name="greetings", components=[Greeting])
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "greetings"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text(
        yaml.safe_dump({"name": "greetings", "runtime": {"name": "python", "options": {"virtualenv": ""}}})
    )
    (folder / "__main__.py").write_text(COMPONENT)
    return folder


def test_the_typescript_sdk_has_the_component_and_its_words(sandbox: Sandbox, package: Path) -> None:
    out = sandbox.root / "sdks"
    sandbox.run(["package", "gen-sdk", str(package), "--language", "nodejs", "--out", str(out)], sandbox.root)
    source = (out / "nodejs/greeting.ts").read_text()
    assert "export class Greeting extends pulumi.ComponentResource" in source
    assert "Who is greeted." in source


def test_the_python_sdk_compiles(sandbox: Sandbox, package: Path) -> None:
    out = sandbox.root / "sdks"
    sandbox.run(["package", "gen-sdk", str(package), "--language", "python", "--out", str(out)], sandbox.root)
    module = out / "python/pulumi_greetings/greeting.py"
    py_compile.compile(str(module), cfile=str(sandbox.root / "compiled"), doraise=True)
    assert "class Greeting(pulumi.ComponentResource)" in module.read_text()


def test_a_python_program_adds_the_package_and_uses_it(sandbox: Sandbox, package: Path) -> None:
    project = sandbox.program("import pulumi\n")
    for _ in range(2):
        added = sandbox.run(["package", "add", str(package)], project.folder)
    assert "import pulumi_greetings" in added.output
    assert (project.folder / "requirements.txt").read_text() == "sdks/greetings\n"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", "installed", "sdks/greetings"], cwd=project.folder, check=True)
    (project.folder / "__main__.py").write_text(
        "import sys\nsys.path.insert(0, 'installed')\nimport pulumi\nimport pulumi_greetings as greetings\n"
        "pulumi.export('said', greetings.Greeting('greeting', whom='world').said)\n"
    )
    project.up()
    assert project.outputs() == {"said": "hello world"}


def test_a_schema_that_cannot_be_bound_is_reported(sandbox: Sandbox, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"name": "broken", "version": "1.0.0", "resources": {"broken:index:Thing": {"type": 3}}}')
    done = sandbox.run(
        ["package", "gen-sdk", str(schema), "--language", "nodejs", "--out", str(tmp_path / "out")],
        tmp_path,
        check=False,
    )
    assert not done.ok
    assert not (tmp_path / "out" / "nodejs").exists()
