"""Every row of the tables is judged as its reason says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails import Kind, TrustSettings, check_trust_policy

TABLES = sorted((Path(__file__).parent / "cases").glob("*.json"))
CASES = [
    pytest.param(row, id=f"{table.stem}: {row['name']}") for table in TABLES for row in json.loads(table.read_text())
]


def settings_of(row: dict[str, Any]) -> TrustSettings:
    given = dict(row.get("settings", {}))
    if "accounts" in given:
        given["accounts"] = frozenset(given["accounts"])
    if "services" in given:
        given["services"] = tuple(given["services"])
    if "source_arns" in given:
        given["source_arns"] = tuple(given["source_arns"])
    return TrustSettings(**given)


@pytest.mark.parametrize("row", CASES)
def test_a_row_is_judged_as_its_reason_says(row: dict[str, Any]) -> None:
    findings = check_trust_policy(row["document"], settings_of(row))
    assert sorted(finding.kind.value for finding in findings) == sorted(row["expected"]), row["why"]
    for finding in findings:
        assert finding.message.endswith(".")
        assert (finding.kind is Kind.UNGUARDED) or finding.witness is None


def test_the_tables_hold_two_hundred_reasoned_rows() -> None:
    rows = [row for table in TABLES for row in json.loads(table.read_text())]
    assert len(rows) >= 200
    assert all(row["why"] for row in rows)
