"""Importing the package against importing the pulumi_aws classes that it uses."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import Row, seconds, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = "import personalize_permissions"
PEER = (
    "import pulumi, pulumi_aws as aws; aws.iam.Role, aws.iam.Policy, aws.iam.RolePolicy, aws.iam.RolePolicyAttachment, "
    "aws.iam.UserPolicyAttachment, aws.iam.GroupPolicyAttachment, aws.s3.BucketPolicy, aws.kms.KeyPolicy"
)


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give the row of the import."""
    repeats = 1 if small else 5

    def run(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    # The package loads the classes as it uses them, so the same are named on both sides.
    ours = timed(OURS, lambda: run(f"{OURS}; {PEER}"), repeats)
    peer = timed("the same classes of pulumi_aws alone", lambda: run(PEER), repeats)
    yield Row("import personalize_permissions", seconds(ours), f"pulumi_aws {seconds(peer)}", ours / peer, "<= 1.1")
