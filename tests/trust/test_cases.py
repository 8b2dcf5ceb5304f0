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


@pytest.mark.parametrize("names", [["shop"], ["shop", "news"]], ids=len)
def test_where_source_arns_are_named_the_remedy_is_to_write_them(names: list[str]) -> None:
    arns = tuple(f"arn:aws:personalize:us-east-1:123456789012:dataset-group/{name}" for name in names)
    settings = TrustSettings(accounts=frozenset({"123456789012"}), source_arns=arns)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"},
        },
    }
    [finding] = check_trust_policy({"Statement": statement}, settings)
    assert finding.code == "source-arn-untrusted"
    assert all(arn in finding.message for arn in arns)
    assert check_trust_policy({"Statement": {**statement, "Condition": finding.remedy}}, settings) == ()


def test_the_tables_hold_two_hundred_reasoned_rows() -> None:
    rows = [row for table in TABLES for row in json.loads(table.read_text())]
    assert len(rows) >= 200
    assert all(row["why"] for row in rows)
