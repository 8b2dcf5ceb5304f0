"""Previews with the pack against previews with a one-line pack, on stacks half of whose resources are roles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Row, seconds, timed
from sandbox import cloud as moto
from sandbox.engine import resolve
from sandbox.paths import REPOSITORY
from sandbox.session import Project, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTS = (10, 1000, 5000)

PROGRAM = """
import json
import pulumi_aws as aws

trust = json.dumps({{"Version": "2012-10-17", "Statement": [{{
    "Effect": "Allow", "Principal": {{"Service": "personalize.amazonaws.com"}}, "Action": "sts:AssumeRole",
    "Condition": {{"StringEquals": {{"aws:SourceAccount": "123456789012"}},
                  "ArnLike": {{"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"}}}}}}]}})
for index in range({count} // 2):
    aws.iam.Role(f"role{{index}}", assume_role_policy=trust)
    aws.iam.User(f"user{{index}}")
"""
ONE_LINE = """
from pulumi_policy import PolicyPack, ResourceValidationPolicy

PolicyPack("one-line", [ResourceValidationPolicy("nothing", "Nothing.", lambda args, report: None)])
"""


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give the rows of the pack."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        peer = root / "one-line"
        peer.mkdir()
        (peer / "PulumiPolicy.yaml").write_text("name: one-line\nversion: 0.0.1\nruntime: python\n")
        (peer / "__main__.py").write_text(ONE_LINE)
        cloud = moto.start(root, detached=False)
        try:
            sandbox = Sandbox(root, resolve(), cloud)
            for count in COUNTS[:1] if small else COUNTS:
                project = sandbox.program(PROGRAM.format(count=count), name=f"roles{count}")
                repeats = 3 if count < COUNTS[-1] and not small else 1
                what = f"preview of {count} resources"
                ours = _preview(f"{what} with the pack", project, repeats, REPOSITORY / "policy_pack")
                theirs = _preview(f"{what} with a one-line pack", project, repeats, peer)
                none = _preview(f"{what} with none", project, repeats)
                goal = "<= 1.05" if count == COUNTS[0] else "<= 1.10"
                yield Row(
                    f"{what} with the pack", seconds(ours), f"one-line pack {seconds(theirs)}", ours / theirs, goal
                )
                yield Row(f"{what} with the pack", seconds(ours), f"no pack {seconds(none)}", ours / none, "-")
        finally:
            cloud.stop()


def _preview(what: str, project: Project, repeats: int, *packs: Path) -> float:
    return timed(what, lambda: project.preview("--suppress-outputs", packs=packs), repeats)
