"""The report for CI: JUnit's XML."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree as ET

from personalize_guardrails.audit.report import SEVERITIES, Severity, printable

if TYPE_CHECKING:
    from personalize_guardrails.audit.report import Audit, Result


def write_junit(audit: Audit, out: TextIO) -> None:
    """Write a test case a trust policy: violations fail it, exemptions skip it; what cannot be judged is an error."""
    cases = [_case(result) for result in audit]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    suite = ET.Element("testsuite", {"name": "trust policies", **{key: str(count) for key, count in counts.items()}})
    if audit.config.exemptions:
        properties = ET.SubElement(suite, "properties")
        for use in audit.uses:
            value = printable(use.exemption.words)
            ET.SubElement(properties, "property", name=f"exemption {use.standing.value}", value=value)
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    out.write(ET.tostring(root, encoding="us-ascii").decode("ascii") + "\n")  # so that no console can spoil it


def _case(result: Result) -> ET.Element:
    case = ET.Element("testcase", classname=printable(result.file), name=printable(result.name or result.file))
    if result.fault:
        ET.SubElement(case, "error", message=printable(result.fault))
    elif result.exempted and not result.violates:
        words = dict.fromkeys(f"exempted: {exemption.words}" for _, exemption in result.exempted)
        ET.SubElement(case, "skipped", message=printable("; ".join(words)))
    for finding in result.findings:
        if SEVERITIES[finding.kind] is Severity.LOW:
            ET.SubElement(case, "system-out").text = printable(finding.message)
        else:
            ET.SubElement(case, "failure", type=finding.kind.value, message=printable(finding.message))
    return case
