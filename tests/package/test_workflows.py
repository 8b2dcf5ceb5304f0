"""The workflows can be read, run the actions that were reviewed, and may do no more than they need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from sandbox.paths import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))  # the source distribution has none


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_pinned_and_may_only_read(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    actions = [step["uses"] for step in steps if "uses" in step]
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []
    assert workflow["permissions"] == {"contents": "read"}
    more = {(name, *right) for name, job in workflow["jobs"].items() for right in job.get("permissions", {}).items()}
    assert more <= {("publish", "id-token", "write")}
