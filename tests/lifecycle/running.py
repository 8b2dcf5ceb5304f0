"""A stack that lives in an account: its program, and what is looked at after each of its runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from personalize_guardrails import TrustSettings, check_trust_policy
from sandbox.session import Result, Sandbox
from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import Account
from tests.lifecycle.story import Program, Story

OUTPUTS: Final = (
    "service_role_arn",
    "service_role_name",
    "policy_arn",
    "trust_policy",
    "bucket_policies",
    "key_policies",
)
PROGRAM: Final = f"""
import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizeBucketAccess, PersonalizePermissions

program = json.loads(Path(__file__).with_name("program.json").read_text())
name = program["provider"]
provider = aws.Provider(name, region=program["region"], **program.get("account", {{}})) if name else None
home = pulumi.ResourceOptions(provider=aws.Provider("home", region="us-east-1") if program["apart"] else None)
options = pulumi.ResourceOptions(provider=provider)
permissions = PersonalizePermissions("recs", program["args"], options)
for name, theirs in program["theirs"].items():
    (aws.s3.BucketPolicy if "bucket" in theirs else aws.kms.KeyPolicy)(name, **theirs, opts=home)
if second := program.get("second"):
    role = permissions.service_role_name
    PersonalizeBucketAccess("second", bucket=second, uses=["import"], service_role_name=role, opts=options)
aws.iam.Policy(  # its description can only be set when it is made, as a dataset group's role
    "consumer",
    description=permissions.service_role_arn,
    policy=json.dumps({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]}}),
    opts=home,
)
for output in {OUTPUTS}:
    pulumi.export(output, getattr(permissions, output))
"""


class Running:
    """One stack, from its first run to its destruction."""

    def __init__(self, sandbox: Sandbox, *, apart: bool = False, configured: bool = True) -> None:
        self.story = Story(Account.opened(sandbox), apart, configured)
        self.stack = sandbox.program(PROGRAM)
        self.program: Program = {}
        """That of the last run."""

    def up(self, *options: str, previewed: bool = True) -> Result:
        """Bring the stack up as its owner wants it, and look at everything; `options` are those of the preview after it."""
        story, program = self.story, self.story.program()
        account, role_before = story.account, story.account.service_role()
        consumer_before = account.consumer() if role_before else None
        self._write(program)
        done = self.stack.up()

        role = account.service_role()
        assert role
        story.ran(program, role["Arn"])
        self._assert_standing(program, role["Arn"])
        assert identity(program)[0] in {None, role["RoleName"]}
        if role_before and identity(program) == identity(self.program):
            assert role["RoleId"] == role_before["RoleId"], "the role was replaced"
            assert account.consumer() == consumer_before, "what was given the role's ARN was replaced"
        assert account.consumer()[1] == role["Arn"]
        trusted = TrustSettings(accounts=frozenset(program["args"].get("source_accounts", [ACCOUNT])))
        assert check_trust_policy(role["AssumeRolePolicyDocument"], trusted) == ()
        if previewed:
            shown = self.stack.preview(*options)
            assert shown.changes == {}, f"not empty: {shown.operations}"
        self.program = program
        return done

    def assert_refused(self, program: Program, message: str, packs: Iterable[Path] = ()) -> str:
        """Preview another program, which is refused; return what `message`, a pattern, matches."""
        self._write(program)
        done = self.stack.preview(packs=packs, check=False)
        assert not done.ok, f"{message}: not refused\n{done.output}"
        assert "Traceback" not in done.output, done.output
        found = re.search(message, done.output)
        assert found, done.output
        return found[0]

    def destroy(self) -> None:
        """Destroy the stack; what others have is there."""
        self.stack.destroy()
        self.story.ran(None, "")
        self._assert_standing(None, "")

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the last run, as the state has them."""
        [stack] = [each for each in self.stack.resources() if each["type"] == "pulumi:pulumi:Stack"]
        outputs: dict[str, Any] = stack["outputs"]
        return outputs

    def _write(self, program: Program) -> None:
        (self.stack.folder / "program.json").write_text(json.dumps(program))
        if program["configured"] and not program["provider"]:
            self.stack.configure({"aws:region": program["region"]})

    def _assert_standing(self, program: Program | None, role_arn: str) -> None:
        """What stands is what the model says, and every statement of others is there as they wrote it.

        The real provider writes documents in an order of its own.
        """
        story = self.story
        standing, expected = story.account.standing(), story.expected(program, role_arn)
        differing = {
            thing: {"stands": standing.get(thing), "expected": expected.get(thing)}
            for thing in standing | expected
            if standing.get(thing) != expected.get(thing)
        }
        assert differing == {}, json.dumps(differing, indent=2)
        for thing, theirs in story.foreign.items():
            live = story.account.policy(thing)["Statement"]
            assert [statement for statement in theirs if statement not in live] == []


def identity(program: Program) -> tuple[str | None, ...]:
    """Return what the role is replaced for."""
    role = program["args"].get("service_role", {})
    return role.get("name"), role.get("path"), *_place(program)


def _place(program: Program) -> tuple[str, str]:
    """Return what everything is replaced for: to the engine, providers of one configuration are the same."""
    return program["region"], "configured" if program["configured"] or program["provider"] else "by the environment"


def gives_a_name_again(before: Program, after: Program) -> bool:
    """Return whether a fixed name is that of the last run for a role or policy that has to be made anew."""
    old, new = before["args"], after["args"]
    moved = _place(before) != _place(after)
    replaced = moved or old.get("policy_path", "/") != new.get("policy_path", "/")
    policy = new.get("policy_name") is not None and new.get("policy_name") == old.get("policy_name")
    role = identity(after)[0] is not None and identity(after)[0] == identity(before)[0]
    return (policy and replaced) or (role and moved)
