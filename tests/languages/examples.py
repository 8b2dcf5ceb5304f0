"""The programs of `examples/`, as a reader would run them: copied, configured, and run."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import boto3

from sandbox.paths import REPOSITORY
from sandbox.safety import REGION
from sandbox.session import Project, Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = REPOSITORY / "examples"
OTHER_ACCOUNT = "210987654321"


def example(sandbox: Sandbox, name: str, config: Mapping[str, object] | None = None) -> Project:
    """The example in a copy of its own, so that nothing is written into the repository."""
    folder = sandbox.root / "examples" / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "sdks"))
    settings = folder / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace("../../components", str(REPOSITORY / "components")))
    stack = sandbox.project(folder)
    stack.configure(config or {})
    return stack


def elsewhere(sandbox: Sandbox, service: str, account: str = OTHER_ACCOUNT) -> Any:
    """A client in another account of the sandbox."""
    sts = boto3.client("sts", endpoint_url=sandbox.cloud.endpoint, region_name=REGION, **_KEYS)
    got = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/deploy", RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        endpoint_url=sandbox.cloud.endpoint,
        region_name=REGION,
        aws_access_key_id=got["AccessKeyId"],
        aws_secret_access_key=got["SecretAccessKey"],
        aws_session_token=got["SessionToken"],
    )


_KEYS = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
