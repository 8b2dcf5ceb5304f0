"""Judges what the sources hold, with the same judgement as the pack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from personalize_guardrails.audit.report import Problem, Report, Violation
from personalize_guardrails.audit.sources import BadJson, NotRecognized, Subject, subjects
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.judging import judge

if TYPE_CHECKING:
    from collections.abc import Callable

_UNDECIDED = "part of its trust policy is encrypted or not known; export the stack with --show-secrets"


def check(
    source: str,
    read: Callable[[int], str],
    report: Report,
    config: PackConfig | None = None,
    on_subject: Callable[[], object] = lambda: None,
) -> None:
    """Judge one source into `report`; what cannot be read becomes a problem there, and nothing is raised.

    `read(n)` gives up to n more characters, and none at the end. `on_subject` is called for each role.
    """
    report.sources.append(source)
    try:
        for subject in subjects(read):
            _judge(source, subject, report, config or PackConfig())
            on_subject()
    except (BadJson, NotRecognized) as error:
        report.problems.append(Problem(source, "", f"{error}."))
    except UnicodeDecodeError:
        report.problems.append(Problem(source, "", "it is no UTF-8 text."))
    except OSError as error:
        report.problems.append(Problem(source, "", f"it cannot be read: {error.strerror}."))


def _judge(source: str, subject: Subject, report: Report, config: PackConfig) -> None:
    if subject.account and config.settings.accounts is None:
        config = replace(config, settings=replace(config.settings, own_account=subject.account))
    judgement = judge(subject.kind, subject.identity, subject.name, subject.properties, config)
    report.judged += 1
    for path, finding in judgement.findings:
        place = ".".join(part for part in (path, finding.path) if part)
        report.violations.append(Violation(source, subject.identity, place, finding))
    if judgement.undecided:
        report.problems.append(Problem(source, subject.identity, f"{_UNDECIDED}."))
    report.exempted.extend((subject.identity, exemption.words) for exemption in judgement.exempted)
