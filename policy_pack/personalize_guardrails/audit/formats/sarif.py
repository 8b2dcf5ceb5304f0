"""Writes the report for code scanning: SARIF 2.1.0."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import quote

from personalize_guardrails.audit.report import ABOUT, SEVERITIES, ExemptionStatus, Severity
from personalize_guardrails.audit.witnesses import witness_object
from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from personalize_guardrails.audit.report import Audit, Result
    from personalize_guardrails.configuration import Exemption
    from personalize_guardrails.trust import Finding

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES: Final = {
    Kind.UNGUARDED: (
        "It lets a service assume the role on behalf of an account that is not trusted.",
        "Write StringEquals aws:SourceAccount and ArnLike aws:SourceArn into the Condition of the statement.",
    ),
    Kind.MALFORMED: (
        "IAM does not accept it, so it cannot be checked.",
        "Write a policy document that IAM accepts; the message says what is wrong.",
    ),
    Kind.UNSATISFIABLE: (
        "It is safe, but no request ever matches it, so the role cannot be used.",
        "Name the same account in aws:SourceAccount and in aws:SourceArn.",
    ),
}
"""The description and the help that code scanning shows for each kind."""
_LEVELS: Final = {Severity.HIGH: "error", Severity.LOW: "note"}
_SCORES: Final = {Severity.HIGH: "8.0", Severity.LOW: "1.0"}
"""GitHub shows 7.0 to 8.9 as high, and less than 4.0 as low."""


def write(audit: Audit, out: TextIO) -> None:
    """Write a log with one result for each finding; exempted findings are suppressed, with the reason."""
    found: list[dict[str, Any]] = []
    faults: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    for result in audit:
        if result.skipped:
            text = f"{result.file}: {result.skipped}"
            skipped.append({"level": "note", "message": {"text": text}, "descriptor": {"id": "not-checked"}})
        found += [_result(result, finding) for finding in result.findings]
        found += [_result(result, finding, exemption) for finding, exemption in result.exempted]
        if result.fault:
            where = ": ".join(filter(None, (result.file, result.name)))
            faults.append({"level": "error", "message": {"text": f"{where} cannot be checked: {result.fault}"}})
    rules = [
        {
            "id": kind.value,
            "helpUri": ABOUT,
            "shortDescription": {"text": f"The trust policy is {kind.value}."},
            "fullDescription": {"text": what},
            "help": {"text": remedy},
            "properties": {
                "tags": ["security", "aws", "iam", "confused-deputy"],
                "problem.severity": _LEVELS[SEVERITIES[kind]].replace("note", "recommendation"),
                "security-severity": _SCORES[SEVERITIES[kind]],
            },
        }
        for kind, (what, remedy) in _RULES.items()
    ]
    invocation = {
        "executionSuccessful": not faults,
        "toolExecutionNotifications": faults + skipped,
        "toolConfigurationNotifications": [
            {"level": "note", "message": {"text": f"The exemption is {use.status.value}: {use.exemption.words}."}}
            for use in audit.uses
            if use.status is not ExemptionStatus.IN_USE
        ],
    }
    run = {
        "tool": {"driver": {"name": "personalize-guardrails", **_version(), "informationUri": ABOUT, "rules": rules}},
        "invocations": [invocation],
        "results": found,
    }
    out.write(json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")


def _version() -> dict[str, str]:
    """Return the version of the installed package; a pack that was copied as a folder has none."""
    try:
        return {"version": version("personalize-permissions")}
    except PackageNotFoundError:
        return {}


def _result(result: Result, finding: Finding, exemption: Exemption | None = None) -> dict[str, Any]:
    """Return a finding as a SARIF result, with its region and fingerprint."""
    place = ".".join(filter(None, (result.path, finding.path)))
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(result.file, errors="surrogateescape")}}
    if position := result.position(finding.path):
        physical["region"] = {"startLine": position.line, "startColumn": position.column}
    suppressions = []
    if exemption:
        justification = f"{exemption.reason} (until {exemption.expires.isoformat()})"
        suppressions.append({"kind": "external", "status": "accepted", "justification": justification})
    identity = "\n".join((result.identity or result.name, place, finding.code))
    return {
        "ruleId": finding.kind.value,
        "level": _LEVELS[SEVERITIES[finding.kind]],
        "message": {"text": f"{result.name}: {finding.message}"},
        "locations": [{"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": place}]}],
        # The same in every run and different for each role, so that code scanning recognizes an alert.
        "partialFingerprints": {"primaryLocationLineHash": sha256(identity.encode(errors="surrogatepass")).hexdigest()},
        # SARIF wants the member on every result if any has it.
        "suppressions": suppressions,
        "properties": {"code": finding.code, "witness": witness_object(finding.witness), "remedy": finding.remedy},
    }
