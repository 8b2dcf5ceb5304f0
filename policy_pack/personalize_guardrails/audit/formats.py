"""The reports: a table for people, JSON for programs, SARIF for code scanning, JUnit for CI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from personalize_guardrails.trust import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from personalize_guardrails.audit.report import Result

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ABOUT: Final = "https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html"
_LEVELS: Final = {Kind.UNGUARDED: "error", Kind.MALFORMED: "error", Kind.UNSATISFIABLE: "note"}


def table(results: Sequence[Result]) -> str:
    """One paragraph a finding, worst first, and a line that counts."""
    lines: list[str] = []
    for result in results:
        where = f"{result.file}: {result.name}" if result.name else result.file
        if result.fault:
            lines.append(f"{where}\n  cannot be read: {result.fault}")
        for finding in result.findings:
            lines.append(f"{where}\n  {finding.kind.value}: {finding.message}")
            if finding.witness:
                lines.append(f"    witness: {_words(finding)}")
    judged = [result for result in results if not result.fault]
    bad, faults = sum(result.violates for result in judged), len(results) - len(judged)
    useless = sum(bool(result.findings) and not result.violates for result in judged)
    count = f"{len(judged)} trust policies: {bad} with violations, {useless} that can never match"
    lines.append(count + (f"; {faults} files could not be read" if faults else "") + ".")
    return "\n".join(lines) + "\n"


def as_json(results: Sequence[Result]) -> str:
    """A list of results; `witness` is null where there is none."""
    return json.dumps([_plain(result) for result in results], indent=2) + "\n"


def sarif(results: Sequence[Result]) -> str:
    """A SARIF 2.1.0 log with one result a finding."""
    rules = [
        {"id": kind.value, "helpUri": _ABOUT, "shortDescription": {"text": f"The trust policy is {kind.value}."}}
        for kind in Kind
    ]
    found = [
        {
            "ruleId": finding.kind.value,
            "level": _LEVELS[finding.kind],
            "message": {"text": f"{result.name}: {finding.message}"},
            "locations": [
                {
                    "physicalLocation": {"artifactLocation": {"uri": result.file}},
                    "logicalLocations": [{"fullyQualifiedName": ".".join(filter(None, (result.path, finding.path)))}],
                }
            ],
            "properties": {"code": finding.code, "witness": _witness(finding)},
        }
        for result in results
        for finding in result.findings
    ]
    faults = [
        {"level": "error", "message": {"text": f"{result.file} cannot be read: {result.fault}"}}
        for result in results
        if result.fault
    ]
    run = {
        "tool": {"driver": {"name": "personalize-guardrails", "informationUri": _ABOUT, "rules": rules}},
        "invocations": [{"executionSuccessful": not faults, "toolExecutionNotifications": faults}],
        "results": found,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def junit(results: Sequence[Result]) -> str:
    """A JUnit report: a test case a trust policy, failed by violations; a file that cannot be read is an error."""
    suite = ET.Element("testsuite", name="trust policies", tests=str(len(results)))
    suite.set("failures", str(sum(result.violates for result in results)))
    suite.set("errors", str(sum(bool(result.fault) for result in results)))
    for result in results:
        case = ET.SubElement(suite, "testcase", classname=result.file, name=result.name or result.file)
        if result.fault:
            ET.SubElement(case, "error", message=result.fault)
        for finding in result.findings:
            if finding.kind is Kind.UNSATISFIABLE:
                ET.SubElement(case, "system-out").text = finding.message
            else:
                ET.SubElement(case, "failure", type=finding.kind.value, message=finding.message)
    root = ET.Element("testsuites")
    root.append(suite)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


FORMATS: Final[Mapping[str, Callable[[Sequence[Result]], str]]] = {
    "table": table,
    "json": as_json,
    "sarif": sarif,
    "junit": junit,
}


def _plain(result: Result) -> dict[str, Any]:
    return {
        "file": result.file,
        "name": result.name,
        "path": result.path,
        "fault": result.fault or None,
        "findings": [
            {
                "kind": finding.kind.value,
                "code": finding.code,
                "path": finding.path,
                "message": finding.message,
                "witness": _witness(finding),
            }
            for finding in result.findings
        ],
    }


def _witness(finding: Finding) -> dict[str, Any] | None:
    witness = finding.witness
    if witness is None:
        return None
    return {
        "service": witness.service,
        "sourceAccount": witness.source_account,
        "sourceArn": witness.source_arn,
        "context": dict(witness.context),
        "statement": witness.statement,
    }


def _words(finding: Finding) -> str:
    witness = _witness(finding) or {}
    account, arn = witness["sourceAccount"] or "absent", witness["sourceArn"] or "absent"
    return f"sts:AssumeRole by {witness['service']}, aws:SourceAccount {account}, aws:SourceArn {arn}"
