"""Writes the report as one web page without external content. It can be read without scripts.

Findings go to a temporary file first, since the summary above them is known only after the last one.
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from itertools import chain
from string import Template
from typing import TYPE_CHECKING, Final, TextIO

from personalize_guardrails.audit.formats.html import rows, sections
from personalize_guardrails.audit.report import ABOUT
from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalize_guardrails.audit.report import Audit, Count

_IN_MEMORY: Final = 1 << 22
"""Characters of findings that are kept in memory; more go to a temporary file."""
_HERE: Final = "<!-- findings -->\n"


def write(audit: Audit, out: TextIO) -> None:
    """Write the page. Memory does not grow with the findings."""
    numbers: dict[str, int] = {}
    faults: list[str] = []
    skipped: list[str] = []
    with ExitStack() as stack:
        spools = {kind: stack.enter_context(_spool()) for kind in Kind}
        for result in audit:
            if result.skipped:
                skipped.append(sections.fault_row(result))
                continue
            for finding in result.findings:
                number = numbers.setdefault(result.file, len(numbers))
                spools[finding.kind].write(rows.row(result, finding, number))
            if result.fault:
                faults.append(sections.fault_row(result))
        above, below = _page(audit, numbers, faults, skipped).split(_HERE)
        out.write(above)
        if audit.codes:
            for spool in spools.values():
                spool.seek(0)
            out.writelines(rows.table(chain.from_iterable(spools.values()), audit.codes.total()))
        else:
            out.write(sections.NO_FINDINGS)
        out.write(below)


def _spool() -> tempfile.SpooledTemporaryFile[str]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="ascii", newline="")


def _page(audit: Audit, numbers: Mapping[str, int], faults: Sequence[str], skipped: Sequence[str]) -> str:
    """Return the page without its findings."""
    style, script = _text("page.css"), _text("page.js")
    state, verdict, sentence = _verdict(audit.total, len(faults))
    return Template(_text("page.html")).substitute(
        policy=_policy(style, script),
        style=style,
        script=script,
        state=state,
        verdict=verdict,
        sentence=sentence,
        tiles=sections.tiles(audit.total),
        facts=sections.facts(audit.config.settings),
        faults=sections.faults(faults) + sections.skipped(skipped),
        filter=sections.choices(audit.codes, numbers) if audit.codes else "",
        exemptions=sections.exemptions(audit.uses),
        checked=sections.checked(audit.files),
        about=ABOUT,
        code=audit.code,
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )


def _policy(style: str, script: str) -> str:
    """Return a content security policy that allows this page's own style and script only, and no connections."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _verdict(total: Count, faults: int) -> tuple[str, str, str]:
    """Return class, heading and sentence of the verdict on everything."""
    checked = f"{total.checked:,} trust {'policy was' if total.checked == 1 else 'policies were'} checked"
    missing = f" {faults:,} could not be checked, or only in part." if faults else ""
    if total.violating:
        let_in = "does not restrict" if total.violating == 1 else "do not restrict"
        sentence = f"{checked}; {total.violating:,} {let_in} on whose behalf the service acts, or cannot be parsed."
        return "bad", "Violations found", sentence + missing
    if faults:
        return "unsure", "Incomplete", f"{checked}, without a violation.{missing}"
    return "good", "No violations", f"{checked}."


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
