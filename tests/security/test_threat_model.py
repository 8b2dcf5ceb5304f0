"""What the threat model claims is tested somewhere: its links lead to tests, its cases to rows of the tables."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.paths import REPOSITORY

PAGE = REPOSITORY / "docs/threat-model.md"
TEXT = PAGE.read_text()
FOOLED = re.findall(r"^\|.*\| (unguarded|unsatisfiable|guarded) \| (\w+): (.+) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("verdict", "table", "name"), FOOLED, ids=[name for *_, name in FOOLED])
def test_each_way_to_be_fooled_is_a_case(verdict: str, table: str, name: str) -> None:
    rows = json.loads((REPOSITORY / f"tests/trust/cases/{table}.json").read_text())
    [expected] = [row["expected"] for row in rows if row["name"] == name]
    assert verdict in expected if verdict != "guarded" else expected == []


def test_every_row_of_that_table_is_read() -> None:
    section = TEXT.split("## Trust policies that look guarded")[1].split("\n## ")[0]
    assert len(FOOLED) == section.count("\n|") - 2
    assert len(FOOLED) > 20


@pytest.mark.parametrize("page", [PAGE, REPOSITORY / "SECURITY.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: object) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):  # type: ignore[attr-defined]
        assert (page.parent / target).exists(), target  # type: ignore[attr-defined]
