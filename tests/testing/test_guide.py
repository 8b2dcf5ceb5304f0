"""The guide "Test your stack" holds what it says: its snippets run, one after another, and its names exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from personalize_permissions import testing

GUIDE = Path(__file__).parents[2] / "docs" / "testing.md"
TEXT = GUIDE.read_text()


def test_every_snippet_runs(capsys: Any) -> None:
    snippets = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(snippets) > 6
    names: dict[str, Any] = {}
    for number, snippet in enumerate(snippets):
        exec(compile(snippet, f"snippet {number}", "exec"), names)  # the guide's own code
    printed = capsys.readouterr().out
    assert "user alice may personalize:* on *" in printed
    assert "Missing, for example:" in printed


def test_everything_public_is_documented() -> None:
    undocumented = {name for name in testing.__all__ if not re.search(rf"\b{name}\b", TEXT)}
    # Types of answers, which one gets rather than names, and the type of a default.
    assert undocumented == {"Decision", "Grant", "Identity", "Registered", "Source"}


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (GUIDE.parent / target).exists(), target
