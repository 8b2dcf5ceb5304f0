"""Policy packs through the host: their configuration, the stack's secrets, remediation, stack policies, two at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

PACK = """
import json
import os
import pulumi
from pulumi_policy import (
    EnforcementLevel, PolicyConfigSchema, PolicyPack, ResourceValidationPolicy, StackValidationPolicy,
)

def named(args, report):
    if args.resource_type == "aws:iam/user:User":
        start = args.get_config()["start"]
        if not args.props["name"].startswith(start):
            report(f"its name does not start with {start}")

def counted(args, report):
    owner = pulumi.Config("shop").require("owner")
    kind = "secret" if "shop:owner" in json.loads(os.environ["PULUMI_CONFIG_SECRET_KEYS"]) else "plain"
    users = [each for each in args.resources if each.resource_type == "aws:iam/user:User"]
    report(f"{len(users)} users, of an owner with {len(owner)} {kind} letters")

PolicyPack("NAME", enforcement_level=EnforcementLevel.ADVISORY, policies=[
    ResourceValidationPolicy("named", "Names start alike.", named, config_schema=PolicyConfigSchema(
        properties={"start": {"type": "string", "default": "team-"}})),
    StackValidationPolicy("counted", "Users are counted.", counted),
])
"""
PROGRAM = """
import pulumi_aws as aws
aws.iam.User("alice", name="alice")
aws.iam.User("bob", name="team-bob")
"""


def pack(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    settings = {"name": name, "runtime": "python", "version": "0.0.1"}
    (made / "PulumiPolicy.yaml").write_text(yaml.safe_dump(settings))
    (made / "__main__.py").write_text(PACK.replace("NAME", name))
    return made


def test_packs_are_configured_see_the_stack_with_its_secrets_and_run_side_by_side(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    one, two = pack(tmp_path, "one"), pack(tmp_path, "two")
    files = []
    for name, settings in (("one", {"named": {"enforcementLevel": "advisory", "start": "shop-"}}), ("two", {})):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(settings))
        files += ["--policy-pack-config", str(file)]
    project = sandbox.program(PROGRAM, {"shop:owner": {"secret": "veiled"}})
    done = project.up(*files, packs=[one, two])
    reported = {
        (event["policyPackName"], event["resourceUrn"].rsplit("::", 1)[-1], event["message"].splitlines()[-1])
        for event in done.violations
    }
    assert reported == {
        ("one", "alice", "its name does not start with shop-"),
        ("one", "bob", "its name does not start with shop-"),
        ("two", "alice", "its name does not start with team-"),
        ("one", "shop-test", "2 users, of an owner with 6 secret letters"),
        ("two", "shop-test", "2 users, of an owner with 6 secret letters"),
    }
    assert "veiled" not in done.output
