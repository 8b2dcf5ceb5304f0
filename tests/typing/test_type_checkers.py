"""Programs of the pages pass mypy and pyright; and what the types refuse, both refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import REPOSITORY
from tests.docs.pages import DOCS, blocks, shown_after

IMPORTS = "import pulumi\nimport pulumi_aws as aws\nfrom personalize_permissions import PersonalizeBucketAccess, PersonalizePermissions\n\n"
CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text())
PROGRAMS = {
    re.sub(r"\W", "_", f"page_{block}") + ".py": block.text
    for page in sorted(DOCS.rglob("*.md"))
    for block in blocks(page)
    if block.language == "python"
    and "personalize_permissions import Personalize" in block.text
    and "def " not in block.text  # functions without types
    and not (shown_after(block) or "").startswith("Personalize")  # the program shows a mistake
}


def mypy(folder: Path) -> str:
    """What mypy says; with the options, and so the cache, of `make check`: pulumi_aws takes it minutes to read."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY).stdout


def pyright(folder: Path) -> str:
    """What basedpyright says under pyright's own rules."""
    roots = [str(REPOSITORY / part) for part in ("components", "policy_pack")]
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard", "extraPaths": roots}))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--project", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_types_accept_what_the_pages_show_and_refuse_what_is_wrong(
    checker: Callable[[Path], str], tmp_path: Path
) -> None:
    assert len(PROGRAMS) > 20
    cases = {f"case_{index}.py": IMPORTS + case["program"] + "\n" for index, case in enumerate(CASES)}
    for name, text in (PROGRAMS | cases).items():
        (tmp_path / name).write_text(text)
    said = checker(tmp_path)
    faulty = {name: line for line in said.splitlines() if "error" in line for name in re.findall(r"\w+\.py", line)}
    refused = {f"case_{index}.py" for index, case in enumerate(CASES) if case.get("refused")}
    assert faulty.keys() == refused, said
