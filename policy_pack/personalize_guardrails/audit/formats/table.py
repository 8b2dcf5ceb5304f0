"""Writes the report for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from personalize_guardrails.audit.report import file_position
from personalize_guardrails.audit.witnesses import witness_sentence
from personalize_guardrails.iam import escape_unprintable

if TYPE_CHECKING:
    from personalize_guardrails.audit.report import Audit, ExemptionUse


def write(audit: Audit, out: TextIO) -> None:
    """Write a paragraph for each finding immediately, then the exemptions and a line of totals."""
    for result in audit:
        role = f": {result.name}" if result.name else ""
        where = escape_unprintable(f"{result.file}{role}")
        if result.skipped:
            out.write(f"{where}\n  not checked: {escape_unprintable(result.skipped)}\n")
        if result.fault:
            out.write(f"{where}\n  cannot be checked: {escape_unprintable(result.fault)}\n")
        for finding in result.findings:
            out.write(escape_unprintable(f"{file_position(result, finding)}{role}"))
            out.write(f"\n  {finding.kind.value}: {escape_unprintable(finding.message)}\n")
            if finding.witness:
                out.write(f"    witness: {witness_sentence(finding.witness)}\n")
    if audit.config.exemptions:
        out.write("Exemptions\n")
        out.writelines(f"  {_use(use)}\n" for use in audit.uses)
    total = audit.total
    policies = "trust policy" if total.checked == 1 else "trust policies"
    exempted = f", {total.exempted} exempted" if total.exempted else ""
    faulty = f"; {total.faulty} could not be checked" if total.faulty else ""
    out.write(
        f"{total.checked} {policies}: {total.violating} with violations, "
        f"{total.unsatisfiable} that can never match{exempted}{faulty}.\n"
    )


def _use(use: ExemptionUse) -> str:
    kept = f" ({use.count}: {use.names})" if use.count else ""
    return escape_unprintable(f"{use.status.value}{kept}: {use.exemption.words}")
