"""Renders the sections around the findings: totals, filter, what was not checked, exemptions, files."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from personalize_guardrails.audit.formats.html.rows import escape_html, small
from personalize_guardrails.audit.report import SEVERITIES, ExemptionStatus, Severity
from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from personalize_guardrails.audit.report import Count, ExemptionUse, Result
    from personalize_guardrails.trust import TrustSettings

NO_FINDINGS = '<p class="none">There are no findings.</p>\n'


def tiles(total: Count) -> str:
    """Return the totals, each as a term with its number."""
    shown = (
        ("Trust policies checked", total.checked, ""),
        ("With violations", total.violating, Severity.HIGH.value),
        ("Can never match", total.unsatisfiable, Severity.LOW.value),
        ("Exempted", total.exempted, ""),
        ("Without a finding", total.guarded, ""),
        ("Not checked", total.faulty, Severity.HIGH.value),
    )
    return "".join(
        f"<div{f' class={kind!r}' if kind and count else ''}><dt>{name}</dt><dd>{count:,}</dd></div>\n"
        for name, count, kind in shown
    )


def facts(settings: TrustSettings) -> str:
    """Return the settings of the run as terms with their values."""
    trusted = "each role's own account where it is known, else those that its trust policy names"
    shown = {
        "Services": ", ".join(settings.services),
        "Trusted accounts": trusted if settings.accounts is None else ", ".join(sorted(settings.accounts)) or "none",
    }
    if settings.source_arns:
        shown["Source ARNs"] = ", ".join(settings.source_arns)
    return "".join(f"<dt>{term}</dt><dd>{escape_html(value)}</dd>\n" for term, value in shown.items())


def choices(codes: Mapping[tuple[Kind, str], int], numbers: Mapping[str, int]) -> str:
    """Return the filter, which the script shows; `numbers` are the numbers of the files in the rows."""
    found = sorted(codes.items(), key=lambda item: (list(Kind).index(item[0][0]), item[0][1]))
    severities = [
        (each.value, f"{each.value.title()} ({sum(n for (kind, _), n in found if SEVERITIES[kind] is each):,})")
        for each in Severity
    ]
    wholes = [
        (kind.value, f"{kind.value}, any ({sum(n for (each, _), n in found if each is kind):,})")
        for kind in dict.fromkeys(kind for (kind, _), _ in found)
    ]
    parts = [(code, f"{kind.value}: {code} ({count:,})") for (kind, code), count in found]
    files = [(str(number), file) for file, number in numbers.items()]
    return (
        '<div class="filter" id="filter" role="search" aria-label="Filter the findings" hidden>\n'
        '<label>Text <input type="search" name="text" autocomplete="off" spellcheck="false"></label>\n'
        + _select("Severity", "severity", severities)
        + _select("Finding", "code", [*wholes, *parts])
        + _select("File", "file", files)
        + '<button type="button">Show all</button>\n<output role="status" aria-live="polite"></output>\n</div>'
    )


def faults(rows: Sequence[str]) -> str:
    """Return the section of what could not be checked, where there is something."""
    caption = "What could not be read or checked, and why"
    return _section("faults", "Not checked", caption, ("File", "Role", "Why"), rows) if rows else ""


def skipped(rows: Sequence[str]) -> str:
    """Return the section of what the audit does not read or what has nothing to check, where there is something."""
    caption = "What the audit does not read, or what has nothing to check in it"
    return _section("skipped", "Skipped", caption, ("File", "Role", "What it is"), rows) if rows else ""


def fault_row(result: Result) -> str:
    """Return one row of the section of faults or of what is skipped."""
    return _row(escape_html(result.file), escape_html(result.name), escape_html(result.fault or result.skipped))


def exemptions(uses: Sequence[ExemptionUse]) -> str:
    """Return the section of the exemptions in the configuration."""
    if not uses:
        return ""
    by_status = sorted(uses, key=lambda use: list(ExemptionStatus).index(use.status))
    heads = ("Exempts", "Status", "Last day", "Reason", "Trust policies")
    caption = "Exemptions of the configuration, and the trust policies that they cover"
    return _section("exemptions", "Exemptions", caption, heads, map(_exemption, by_status))


def checked(files: Mapping[str, Count]) -> str:
    """Return the section of the files, with the number of trust policies by verdict."""
    heads = ("File", "Checked", "Violations", "Can never match", "Exempted", "Without a finding", "Not checked")
    numbers = attrgetter("checked", "violating", "unsatisfiable", "exempted", "guarded", "faulty")
    rows = (_row(escape_html(file), *(f"{each:,}" for each in numbers(count))) for file, count in files.items())
    caption = "Every file, with its trust policies by verdict"
    return _section("checked", "What was checked", caption, heads, rows)


def _section(name: str, title: str, caption: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    """Return a heading and a table; on a narrow screen the table scrolls sideways, with the keyboard too."""
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n'
        f'<div class="scroll" tabindex="0" role="group" aria-labelledby="{name}"><table><caption>{caption}</caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table></div>\n</section>\n"
    )


def _row(head: str, *cells: str) -> str:
    inside = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{head}</th>{inside}</tr>\n'


def _select(label: str, name: str, options: Iterable[tuple[str, str]]) -> str:
    """Return a select element with its options."""
    inside = "".join(
        f'<option value="{escape_html(value)}">{escape_html(words)}</option>'
        for value, words in [("", "All"), *options]
    )
    return f'<label>{label} <select name="{name}" autocomplete="off">{inside}</select></label>\n'


def _exemption(use: ExemptionUse) -> str:
    """Return the row of an exemption: whom it covers, why, until when, and whether it was used."""
    return _row(
        escape_html(use.exemption.selectors),
        escape_html(use.status.value),
        use.exemption.expires.isoformat(),
        escape_html(use.exemption.reason),
        f"{use.count:,}{small(use.names)}",
    )
