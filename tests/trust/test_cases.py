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
    return TrustSettings(**row.get("settings", {}))


@pytest.mark.parametrize("row", CASES)
def test_a_row_is_judged_as_its_reason_says(row: dict[str, Any]) -> None:
    findings = check_trust_policy(row["document"], settings_of(row))
    assert sorted(finding.kind.value for finding in findings) == sorted(row["expected"]), row["why"]
    for finding in findings:
        assert finding.message.endswith(".")
        assert (finding.kind is Kind.UNGUARDED) or finding.witness is None


@pytest.mark.parametrize(
    ("more", "account", "told"),
    [
        ({}, "210987654321", "Name the same account in aws:SourceAccount and aws:SourceArn."),
        ({"StringEquals": {"sts:ExternalId": "x"}}, "123456789012", "Remove the conditions that no request"),
    ],
    ids=["accounts", "another key"],
)
def test_a_role_that_cannot_be_used_is_told_why(more: dict[str, Any], account: str, told: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringLike": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"},
            **more,
        },
    }
    settings = TrustSettings(accounts=frozenset({"123456789012", "210987654321"}))
    [finding] = check_trust_policy({"Version": "2012-10-17", "Statement": [statement]}, settings)
    assert finding.kind is Kind.UNSATISFIABLE
    assert told in finding.message


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
    remedied = {**statement, "Condition": {**statement["Condition"], **(finding.remedy or {})}}
    assert check_trust_policy({"Statement": remedied}, settings) == ()


def test_the_tables_hold_two_hundred_reasoned_rows() -> None:
    rows = [row for table in TABLES for row in json.loads(table.read_text())]
    assert len(rows) >= 200
    assert all(row["why"] for row in rows)
