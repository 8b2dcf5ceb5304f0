"""Findings as rows of a table. Whatever comes from outside goes through `safe`, and what comes out is ASCII."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Final

from personalize_guardrails.audit.report import SEVERITIES
from personalize_guardrails.iam import escape_unprintable
from personalize_guardrails.trust.messages import remedy_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from personalize_guardrails.audit.report import Result
    from personalize_guardrails.trust import Finding, Witness
    from personalize_guardrails.trust.findings import Remedy

_GROUP: Final = 100
"""Rows that are laid out together, when they are seen."""
_OPENING: Final = (
    f'<table class="findings" id="findings-table" role="table" data-size="{_GROUP}">'
    "<caption>Every finding, the worst first</caption>\n"
    '<thead role="rowgroup"><tr role="row">'
    '<th scope="col" role="columnheader" data-sort aria-sort="descending">Severity</th>'
    '<th scope="col" role="columnheader" data-sort>Finding</th>'
    '<th scope="col" role="columnheader" data-sort>Role</th>'
    '<th scope="col" role="columnheader" data-sort>File</th>'
    '<th scope="col" role="columnheader" class="spoken">What is wrong, and what to write</th>'
    "</tr></thead>\n"
)


def table(rows: Iterable[str], count: int) -> Iterator[str]:
    """The table of so many rows, in pieces."""
    yield _OPENING
    for index, row in enumerate(rows):
        if index % _GROUP == 0:
            many = ' class="many"' if count - index >= _GROUP else ""
            yield f'{"</tbody>" if index else ""}<tbody role="rowgroup"{many}>\n'
        yield row
    yield "</tbody></table>\n"


def safe(text: object) -> str:
    """Text as it can stand in an element or in a quoted attribute, whatever it is."""
    return escape(escape_unprintable(str(text))).encode("ascii", "xmlcharrefreplace").decode()


def small(text: str, known: str = "") -> str:
    """A second line, where it says something new."""
    return f"<small>{safe(text)}</small>" if text and text != known else ""


def row(result: Result, finding: Finding, file: int) -> str:
    """One finding on one line; `file` is the number by which its file is filtered."""
    severity = SEVERITIES[finding.kind].value
    kind, code = safe(finding.kind.value), safe(finding.code)
    message = finding.message
    boxes = ""
    if finding.witness:
        boxes += f"<div><span>Witness</span><pre>{_lines(_witness(finding.witness))}</pre></div>"
    if finding.remedy:
        message = message.replace(f" {remedy_in_words(finding.remedy)}", "")
        boxes += f"<div><span>What to write</span><pre>{_lines(_remedy(finding.remedy))}</pre></div>"
    place = ".".join(filter(None, (result.path, finding.path)))
    return (
        f'<tr role="row" class="{severity}" data-severity="{severity}" data-code="{kind} {code}" data-file="{file}">'
        f'<td role="cell"><b>{severity.title()}</b></td><td role="cell">{kind}<small>{code}</small></td>'
        f'<th scope="row" role="rowheader">{safe(result.name)}{small(result.identity, result.name)}</th>'
        f'<td role="cell" class="file">{safe(result.file)}{small(place)}</td>'
        f'<td role="cell" class="what"><p>{safe(message)}</p>{boxes}</td></tr>\n'
    )


def _lines(lines: Iterable[str]) -> str:
    """Lines for a `pre`, without a line's end between them: a row stays one line."""
    return "&#10;".join(map(safe, lines))


def _witness(witness: Witness) -> Iterable[str]:
    yield f"sts:AssumeRole by {witness.service}"
    for key, value in (("aws:SourceAccount", witness.source_account), ("aws:SourceArn", witness.source_arn)):
        yield f"{key}: {'absent' if value is None else value}"
    for key, value in sorted(witness.context.items()):
        yield f"{key}: {value}"


def _remedy(remedy: Remedy) -> Iterable[str]:
    yield '"Condition": {'
    lines = [f'  "{operator}": {json.dumps(values)}' for operator, values in remedy.items()]
    yield from (f"{line}," for line in lines[:-1])
    yield lines[-1]
    yield "}"
