"""Writes the report for CI: JUnit's XML."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree as ET

from personalize_guardrails.audit.report import SEVERITIES, Severity, file_position
from personalize_guardrails.audit.witnesses import witness_sentence
from personalize_guardrails.iam import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from personalize_guardrails.audit.report import Audit, Result
    from personalize_guardrails.trust import Finding


def write(audit: Audit, out: TextIO) -> None:
    """Write one test case for each trust policy: violations fail it, exemptions skip it, a fault is an error."""
    cases = [_case(result) for result in audit if not result.skipped]
    outcomes = Counter(outcome.tag for case in cases for outcome in case)
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        name="trust policies",
        tests=str(len(cases)),
        failures=str(outcomes["failure"]),
        errors=str(outcomes["error"]),
        skipped=str(outcomes["skipped"]),
    )
    if audit.config.exemptions:
        properties = ET.SubElement(suite, "properties")
        for use in audit.uses:
            value = escape_unprintable(use.exemption.words)
            ET.SubElement(properties, "property", name=f"exemption {use.status.value}", value=value)
    suite.extend(cases)
    out.write(ET.tostring(root, encoding="us-ascii").decode("ascii") + "\n")  # ASCII works in every console


def _case(result: Result) -> ET.Element:
    """Return the test case, with one outcome at most, since Jenkins reads the first; GitLab shows its text only."""
    case = ET.Element(
        "testcase", classname=escape_unprintable(result.file), name=escape_unprintable(result.name or result.file)
    )
    violations = [finding for finding in result.findings if SEVERITIES[finding.kind] is Severity.HIGH]
    if violations:
        lines = [line for finding in violations for line in _lines(result, finding)]
        if result.fault:
            lines.append(f"not checked to the end: {result.fault}")
        first = violations[0]
        more = f" ({len(violations) - 1} more)" if len(violations) > 1 else ""
        _outcome(case, "failure", f"{first.message}{more}", lines, type=first.kind.value)
    elif result.fault:
        _outcome(case, "error", result.fault, [result.fault])
    elif result.exempted:
        words = dict.fromkeys(f"exempted: {exemption.words}" for _, exemption in result.exempted)
        _outcome(case, "skipped", "; ".join(words), words)
    if unsatisfiable := [finding.message for finding in result.findings if finding not in violations]:
        ET.SubElement(case, "system-out").text = "\n".join(map(escape_unprintable, unsatisfiable))
    return case


def _outcome(case: ET.Element, kind: str, message: str, lines: Iterable[str], **attributes: str) -> None:
    outcome = ET.SubElement(case, kind, {"message": escape_unprintable(message), **attributes})
    outcome.text = "\n".join(map(escape_unprintable, lines))


def _lines(result: Result, finding: Finding) -> Iterator[str]:
    """Return a finding as the lines of a failure."""
    yield f"{finding.kind.value}: {finding.message}"
    if result.position(finding.path):
        yield f"  at {file_position(result, finding)}"
    if finding.witness:
        yield f"  witness: {witness_sentence(finding.witness)}"
