"""`examples/many-stacks`: many stacks by the Automation API on the real engine, stopped, failed, and gone on with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.paths import REPOSITORY
from tests.languages.examples import EXAMPLES, elsewhere

if TYPE_CHECKING:
    from sandbox.session import Sandbox

TENANTS = {"shop": "210000000001", "news": "210000000002", "music": "210000000003", "film": "210000000004"}
ELSEWHERE = {"news": "eu-west-1", "film": "us-west-2"}


class Driver:
    """A copy of the example, and its command line."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder, self.environment = folder, environment
        if not folder.exists():
            ignored = shutil.ignore_patterns("__pycache__", "logs", "journal.jsonl", "stacks")
            shutil.copytree(EXAMPLES / "many-stacks", folder, ignore=ignored)
            shutil.copytree(REPOSITORY / "policy_pack", folder.parent / "policy_pack")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """In a group of its own, so that it can be interrupted as a terminal does."""
        command = [sys.executable, "deploy.py", *arguments, "--policy-pack", "../policy_pack"]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output = process.communicate()[0]
        return process.returncode, output

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_text().splitlines()]


@pytest.mark.engine
def test_stopped_failed_and_gone_on_with(sandbox: Sandbox, tmp_path: Path) -> None:
    driver = Driver(tmp_path / "many-stacks", sandbox.environment)
    for tenant, account in TENANTS.items():
        region = ELSEWHERE.get(tenant)
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region else {}
        elsewhere(sandbox, "s3", account).create_bucket(Bucket=f"{tenant}-data", **place)
        if tenant != "music":
            elsewhere(sandbox, "iam", account).create_group(GroupName=f"{tenant}-analysts")

    process = driver.start("--workers", "1")
    assert process.stdout is not None
    assert process.stdout.readline() == "shop: starts\n"
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate()[0]
    assert process.returncode == 130, said
    assert "no more stacks are started" in said
    assert "news: starts" not in said

    code, said = driver.run("--workers", "2")
    assert code == 1, said
    assert "music failed: " in said
    assert "music-analysts" in said.split("music failed: ")[1]
    assert {entry["tenant"] for entry in driver.journal() if entry["status"] == "up"} == TENANTS.keys() - {"music"}, (
        said
    )

    elsewhere(sandbox, "iam", TENANTS["music"]).create_group(GroupName="music-analysts")
    table = driver.folder / "tenants.csv"
    table.write_text("\n".join(line for line in table.read_text().splitlines() if not line.startswith("film")) + "\n")
    code, said = driver.run()
    assert code == 0, said
    assert [line for line in said.splitlines() if line.endswith("starts")] == ["music: starts"]
    assert "No longer in the table: film" in said
    for tenant, account in TENANTS.items():
        group = elsewhere(sandbox, "iam", account).list_attached_group_policies(GroupName=f"{tenant}-analysts")
        assert len(group["AttachedPolicies"]) == 1
        [role] = elsewhere(sandbox, "iam", account).list_roles()["Roles"]
        assert account in json.dumps(role["AssumeRolePolicyDocument"])
    assert driver.run("destroy", "film")[0] == 0
    assert elsewhere(sandbox, "iam", TENANTS["film"]).list_roles()["Roles"] == []


def test_a_table_with_faults_begins_nothing(tmp_path: Path) -> None:
    driver = Driver(tmp_path / "many-stacks")
    with (driver.folder / "tenants.csv").open("a") as table:
        table.write("shop,deploy,us-east-1,shop-analysts,shop-data,import\nnews two,,us-east-1,g,b,import\n")
    code, said = driver.run()
    assert code == 2
    assert said.splitlines() == [
        'tenants.csv, line 6: "deploy" is not the ARN of a role',
        'tenants.csv, line 6: "shop" is already in the table',
        "tenants.csv, line 7: deploy_role is empty",
    ]


def test_a_broken_line_of_the_journal_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    driver = Driver(tmp_path / "many-stacks")
    entry = {"tenant": "shop", "status": "up", "digest": "x", "at": "", "seconds": 1.0}
    (driver.folder / "journal.jsonl").write_text(f'{json.dumps(entry)}\n{{"tenant": "shop", "sta')
    code = "from pathlib import Path; from journal import Journal; print(Journal(Path('journal.jsonl')).last['shop'].status)"
    found = subprocess.run([sys.executable, "-c", code], cwd=driver.folder, capture_output=True, text=True, check=True)
    assert found.stdout == "up\n"
