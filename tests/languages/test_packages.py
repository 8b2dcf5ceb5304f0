"""`pulumi package add`: from a folder, and from a tag of a repository with this one's layout."""

from __future__ import annotations

import json
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
from tests.languages import node
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


TYPESCRIPT = """
import * as pulumi from "@pulumi/pulumi";

const people = new personalizePermissions.PersonalizeAccess("people", { users: ["alice"] });
const recs = new personalizePermissions.PersonalizePermissions("recs", {
    serviceRole: pulumi.secret({ maxSessionDuration: 7200, description: "PlantedSecret" }),
    policyName: pulumi.interpolate`recs-beside-${people.policyArn.apply((arn) => arn.split("/").pop())}`,
    tags: { beside: people.policyArn, hidden: pulumi.secret("PlantedToo") },
});
export const role = recs.serviceRoleName;
"""


def test_from_a_folder_into_a_typescript_project(sandbox: Sandbox) -> None:
    """Added, installed, imported by the line that was printed, and run; what is secret or unknown stays so."""
    sandbox.cloud.iam().create_user(UserName="alice")
    folder = node.project(sandbox)
    said = sandbox.run(["package", "add", str(REPOSITORY / "components")], folder).output
    line = 'import * as personalizePermissions from "@pulumi/personalize-permissions";'
    assert line in said
    (folder / "index.ts").write_text(line + TYPESCRIPT)
    stack = sandbox.project(folder)
    previewed = stack.preview()
    made = stack.up()
    assert previewed.changes == made.changes
    role = sandbox.cloud.iam().get_role(RoleName=stack.outputs()["role"])["Role"]
    assert (role["MaxSessionDuration"], role["Description"]) == (7200, "PlantedSecret")
    tags = {tag["Key"]: tag["Value"] for tag in role["Tags"]}
    assert tags["hidden"] == "PlantedToo"
    assert tags["beside"].startswith("arn:aws:iam::123456789012:policy/people-policy")
    visible = made.output + "".join(path.read_text() for path in sandbox.backend.rglob("*.json"))
    assert "Planted" not in visible
    assert stack.up().changes == {}


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
        source = f"https://{address}/example/permissions.git/components@v{__version__}"
        stack = added(sandbox, source)
        stack.up()
        assert stack.outputs()["role"].startswith("arn:aws:iam::123456789012:role/recs-service-role")
        assert (stack.folder / "sdks/example-personalize-permissions").is_dir()
        [plugin] = (sandbox.root / "home/plugins").glob("resource-*_components-v*/components")
        assert (plugin / "venv/bin/python").exists()
        assert added_to_python(sandbox, source) == ["sdks/example-personalize-permissions"]
        typescript = node.project(sandbox)
        said = sandbox.run(["package", "add", source], typescript).output
    assert 'import * as personalizePermissions from "@example/personalize-permissions";' in said
    dependencies = json.loads((typescript / "package.json").read_text())["dependencies"]
    assert dependencies["@example/personalize-permissions"] == "file:sdks/example-personalize-permissions"


def added_to_python(sandbox: Sandbox, source: str) -> list[str]:
    """The requirements of a Python project that got the package from there."""
    folder = sandbox.root / "projects/python"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "shop", "runtime": "python"}))
    sandbox.run(["package", "add", source], folder)
    assert (folder / "sdks/example-personalize-permissions/example_personalize_permissions/py.typed").exists()
    return (folder / "requirements.txt").read_text().splitlines()


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
