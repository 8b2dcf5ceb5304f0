"""Writes the report for programs: a JSON list of results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from personalize_guardrails.audit.witnesses import witness_object

if TYPE_CHECKING:
    from personalize_guardrails.audit.report import Audit, Result
    from personalize_guardrails.trust import Finding


def write(audit: Audit, out: TextIO) -> None:
    """Write every result immediately; `witness`, `remedy` and `fault` are null where there is none."""
    opening = "["
    for result in audit:
        text = json.dumps(_result(result), indent=2)
        out.write(opening + "\n  " + text.replace("\n", "\n  "))
        opening = ","
    out.write("[]\n" if opening == "[" else "\n]\n")


def _result(result: Result) -> dict[str, Any]:
    """Return a result as the members of its JSON object."""
    return {
        "file": result.file,
        "name": result.name,
        "path": result.path,
        "fault": result.fault or None,
        "skipped": result.skipped or None,
        "findings": [_finding(result, finding) for finding in result.findings],
        "identity": result.identity,
        "exempted": [
            {**_finding(result, finding), "reason": exemption.reason, "expires": exemption.expires.isoformat()}
            for finding, exemption in result.exempted
        ],
    }


def _finding(result: Result, finding: Finding) -> dict[str, Any]:
    """Return a finding as the members of its JSON object."""
    line, column = result.position(finding.path) or (None, None)
    return {
        "kind": finding.kind.value,
        "code": finding.code,
        "path": finding.path,
        "line": line,
        "column": column,
        "message": finding.message,
        "witness": witness_object(finding.witness),
        "remedy": finding.remedy,
    }
