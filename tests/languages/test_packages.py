"""`pulumi package add`: from a folder, and from a tag of a repository with this one's layout."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from personalize_permissions import __version__
from sandbox.cloud import Cloud
from sandbox.engine import Engine
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox
from tests.languages.gitserver import serving

pytestmark = pytest.mark.engine


def added(sandbox: Sandbox, source: str) -> Project:
    """A YAML project that got the package from there, and uses it."""
    folder = sandbox.root / "projects" / "yaml"
    folder.mkdir(parents=True)
    settings = folder / "Pulumi.yaml"
    settings.write_text(yaml.safe_dump({"name": "shop", "runtime": "yaml"}))
    sandbox.run(["package", "add", source], folder)
    project = yaml.safe_load(settings.read_text())
    assert list(project["packages"]) == ["personalize-permissions"]
    project["resources"] = {"recs": {"type": "personalize-permissions:PersonalizePermissions"}}
    project["outputs"] = {"role": "${recs.serviceRoleArn}"}
    settings.write_text(yaml.safe_dump(project))
    return sandbox.project(folder)


def test_from_a_folder(sandbox: Sandbox) -> None:
    stack = added(sandbox, str(REPOSITORY / "components"))
    stack.up()
    assert stack.outputs()["role"].startswith("arn:aws:iam::123456789012:role/recs-service-role")
    stack.destroy()


def test_from_a_tag_of_the_repository(engine: Engine, account: Cloud, tmp_path: Path) -> None:
    """The plugin's requirements name the repository itself, so what it needs is installed from the tag as well."""
    account.reset()
    repositories = tmp_path / "repositories"
    repositories.mkdir()
    tagged(tmp_path / "work", repositories / "example/permissions.git")
    with ExitStack() as until:
        try:
            address, trusted = until.enter_context(serving(repositories))
        except OSError as error:
            pytest.skip(f"the engine takes packages from https only, and that port is not to be had: {error}")
        sandbox = Sandbox(tmp_path / "sandbox", engine, account, variables={"SSL_CERT_FILE": str(trusted)})
        stack = added(sandbox, f"https://{address}/example/permissions.git/components@v{__version__}")
    stack.up()
    assert stack.outputs()["role"].startswith("arn:aws:iam::123456789012:role/recs-service-role")
    assert (stack.folder / "sdks/example-personalize-permissions").is_dir()
    [plugin] = (sandbox.root / "home/plugins").glob("resource-*_components-v*/components")
    assert (plugin / "venv/bin/python").exists()


def tagged(work: Path, bare: Path) -> None:
    """What is committed here and not yet, as the one commit of a repository, with a tag."""
    listed = git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, work / name)
    git(work, "init", "--quiet", "--initial-branch", "main")
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message", "Everything")
    git(work, "tag", f"v{__version__}")
    git(work, "clone", "--quiet", "--bare", str(work), str(bare))


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
