"""Renders findings as rows of a table. Every value goes through `escape_html`, and the output is ASCII."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Final

from personalize_guardrails.audit.report import SEVERITIES, file_position
from personalize_guardrails.guide import SOURCE_ACCOUNT, SOURCE_ARN
from personalize_guardrails.iam import escape_unprintable
from personalize_guardrails.trust.messages import remedy_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from personalize_guardrails.audit.report import Result
    from personalize_guardrails.trust import Finding, Witness
    from personalize_guardrails.trust.findings import Remedy

_GROUP: Final = 100
"""The number of rows in a group, which the browser lays out when it scrolls into view."""
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
    """Yield the table of `count` rows in parts."""
    yield _OPENING
    for index, row in enumerate(rows):
        if index % _GROUP == 0:
            many = ' class="many"' if count - index >= _GROUP else ""
            yield f'{"</tbody>" if index else ""}<tbody role="rowgroup"{many}>\n'
        yield row
    yield "</tbody></table>\n"


def escape_html(text: object) -> str:
    """Escape a text for an element or a quoted attribute."""
    return escape(escape_unprintable(str(text))).encode("ascii", "xmlcharrefreplace").decode()


def small(text: str, known: str = "") -> str:
    """Return the text as a second line; "" where it is the same as `known`, which the first line shows."""
    return f"<small>{escape_html(text)}</small>" if text and text != known else ""


def row(result: Result, finding: Finding, file: int) -> str:
    """Return one finding as a row on one line; `file` is the number of its file in the filter."""
    severity = SEVERITIES[finding.kind].value
    kind, code = escape_html(finding.kind.value), escape_html(finding.code)
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
        f'<th scope="row" role="rowheader">{escape_html(result.name)}{small(result.identity, result.name)}</th>'
        f'<td role="cell" class="file">{escape_html(file_position(result, finding))}{small(place)}</td>'
        f'<td role="cell" class="what"><p>{escape_html(message)}</p>{boxes}</td></tr>\n'
    )


def _lines(lines: Iterable[str]) -> str:
    """Join lines for a `pre` without line ends, so that a row stays one line."""
    return "&#10;".join(map(escape_html, lines))


def _witness(witness: Witness) -> list[str]:
    """Return a witness as the keys of its request."""
    source = {SOURCE_ACCOUNT: witness.source_account, SOURCE_ARN: witness.source_arn}
    keys = [*source.items(), *sorted(witness.context.items())]
    return [
        f"sts:AssumeRole by {witness.service}",
        *(f"{key}: {'absent' if value is None else value}" for key, value in keys),
    ]


def _remedy(remedy: Remedy) -> list[str]:
    """Return a remedy as the conditions to write."""
    *others, last = (f'  "{operator}": {json.dumps(values)}' for operator, values in remedy.items())
    return ['"Condition": {', *(f"{line}," for line in others), last, "}"]
