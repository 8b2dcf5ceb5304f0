"""The generated Java SDK: a program is compiled with it, and run on the real engine by Pulumi's own host of Java.

The host is built from its Go modules, which are not the engine's: it takes minutes, so `make languages` runs this.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.paths import REPOSITORY, cache
from sandbox.session import Sandbox
from tests.languages.examples import example

pytestmark = [
    pytest.mark.engine,
    pytest.mark.languages,
    pytest.mark.skipif(
        not (shutil.which("go") and shutil.which("mvn") and shutil.which("javac")),
        reason="Go builds the host, and Maven and a JDK the example",
    ),
]
MODULE = Path(__file__).parent / "java"
HOST = "pulumi-language-java"


def host() -> Path:
    """The host, built once for all clones."""
    folder = cache() / "java" / hashlib.sha256((MODULE / "go.sum").read_bytes()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / HOST).exists():
            package = f"github.com/pulumi/pulumi-java/pkg/cmd/{HOST}"
            flags = ["-trimpath", "-ldflags=-s -w", "-gcflags=all=-N -l -dwarf=false", "-gcflags=std=-dwarf=false"]
            environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
            command = ["go", "build", *flags, "-o", str(folder / "building"), package]
            subprocess.run(command, cwd=MODULE, env=environment, check=True)
            (folder / "building").rename(folder / HOST)
    return folder / HOST


def test_the_example_compiles_and_provisions(sandbox: Sandbox) -> None:
    if not (sandbox.pulumi.parent / HOST).exists():
        shutil.copy2(host(), sandbox.pulumi.parent)
    sandbox.cloud.iam().create_user(UserName="alice")
    sandbox.cloud.s3().create_bucket(Bucket="training-data")
    stack = example(sandbox, "java", {"analyst": "alice", "bucket": "training-data"})
    components = str(REPOSITORY / "components")
    command = ["package", "gen-sdk", components, "--language", "java", "--local", "--out", str(sandbox.root / "sdk")]
    sandbox.run(command, stack.folder)
    shutil.copytree(sandbox.root / "sdk/java/src", stack.folder / "src", dirs_exist_ok=True)
    stack.up()
    role = stack.outputs()["serviceRoleArn"].split("/")[-1]
    assert sandbox.cloud.iam().get_role(RoleName=role)["Role"]["MaxSessionDuration"] == 7200
    assert stack.up().changes == {}
    stack.destroy()
    assert sandbox.cloud.iam().list_roles()["Roles"] == []
