"""Measures how time and memory grow: permission sets in one stack, roles under the pack, accounts by explicit provider.

Each size is measured against its own half in the same run, so a factor of two for each doubling is linear; what every
preview costs before its first resource keeps it below. Previews are measured, since they register, look up and validate
everything and write no state: the engine's file backend writes the whole state after each step of an update, which
alone is quadratic. Where an update is measured, PULUMI_SKIP_CHECKPOINTS has it written once, at the end.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.buckets import make_buckets
from benchmarks.measure import Cost, Row, cost, megabytes, seconds
from sandbox import cloud as moto
from sandbox.engine import resolve
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.cloud import Cloud

SETS = """
from personalize_permissions import PersonalizePermissions
for index in range({count}):
    PersonalizePermissions(f"set{{index}}", {{
        "users": [f"alice{{index}}", f"bob{{index}}"],
        "buckets": [{{"bucket": f"data-{{index}}", "uses": ["import"]}}],
    }})
"""
MADE = """
from personalize_permissions import PersonalizePermissions
for index in range({count}):
    PersonalizePermissions(f"set{{index}}", {{"buckets": [{{"bucket": f"data-{{index}}", "uses": ["import"]}}]}})
"""
ROLES = """
import json
import pulumi_aws as aws
trust = json.dumps({{"Version": "2012-10-17", "Statement": [{{
    "Effect": "Allow", "Principal": {{"Service": "personalize.amazonaws.com"}}, "Action": "sts:AssumeRole",
    "Condition": {{"StringEquals": {{"aws:SourceAccount": "123456789012"}},
                  "ArnLike": {{"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"}}}}}}]}})
for index in range({count}):
    aws.iam.Role(f"role{{index}}", assume_role_policy=trust)
"""
ACCOUNTS = """
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions
for index in range({count}):
    provider = aws.Provider(f"account{{index}}", region="us-east-1", assume_roles=[
        aws.ProviderAssumeRoleArgs(role_arn=f"arn:aws:iam::{{200000000000 + index}}:role/deploy")])
    PersonalizePermissions(f"set{{index}}", {{
        "users": [f"alice{{index}}", f"bob{{index}}"],
        "buckets": [{{"bucket": f"data-{{index}}", "uses": ["import"]}}],
    }}, pulumi.ResourceOptions(provider=provider))
"""


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    what: str
    program: str
    counts: tuple[int, ...]
    run: Callable[[Project], object]
    prepare: Callable[[Cloud, int], None] = lambda _cloud, _count: None


def _preview(project: Project) -> object:
    return project.preview("--suppress-outputs")


def _preview_with_pack(project: Project) -> object:
    return project.preview("--suppress-outputs", packs=[REPOSITORY / "policy_pack"])


def _up(project: Project) -> object:
    return project.up("--suppress-outputs")


SMALL = (6, 12)
"""More permission sets than a person may have managed policies."""
SUBJECTS = (
    _Subject("sets", "permission sets previewed in one stack", SETS, (125, 250, 500), _preview, make_buckets),
    _Subject("made", "permission sets made in one stack", MADE, (50, 100, 200), _up, make_buckets),
    _Subject("roles", "roles previewed under the pack", ROLES, (1250, 2500, 5000), _preview_with_pack),
    _Subject("accounts", "accounts previewed by explicit providers", ACCOUNTS, (25, 50, 100), _preview, make_buckets),
)


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give the rows of growth."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cloud = moto.start(root, detached=False)
        try:
            sandbox = Sandbox(root, resolve(), cloud, variables={"PULUMI_SKIP_CHECKPOINTS": "true"})
            for subject in SUBJECTS:
                yield from _growth(sandbox, subject, SMALL if small else subject.counts)
        finally:
            cloud.stop()


def _growth(sandbox: Sandbox, subject: _Subject, counts: tuple[int, ...]) -> Iterator[Row]:
    """Give the rows of one subject, each size against its half, each in an account that holds nothing of the others."""
    half: Cost | None = None
    for count in counts:
        sandbox.cloud.reset()
        subject.prepare(sandbox.cloud, count)
        project = sandbox.program(subject.program.format(count=count), name=f"{subject.name}{count}")
        found = cost(f"{count} {subject.what}", lambda project=project: subject.run(project), apart=sandbox.cloud.pid)  # type: ignore[misc] # the loop's own project
        if half:
            for kind, goal, shown, ours, peer in (
                ("time", "<= 2.2", seconds, found.seconds, half.seconds),
                ("memory", "<= 2", megabytes, found.megabytes, half.megabytes),
            ):
                what = f"{count} {subject.what}, {kind}"
                yield Row(what, shown(ours), f"{count // 2}: {shown(peer)}", ours / peer, goal)
        half = found
