"""Judges the trust policies in files, as the pack judges those in resources."""

from __future__ import annotations

import errno
import io
import sys
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from personalize_guardrails.audit.report import Result
from personalize_guardrails.audit.sources import NotRecognizedError, Subject, subjects
from personalize_guardrails.audit.streaming import BadJsonError
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.judging import judge_policy, judged_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from personalize_guardrails.trust import Finding

_ENCRYPTED: Final = "its trust policy is encrypted, or partly unknown; export the stack with --show-secrets"
_PARAMETER: Final = "its trust policy depends on a parameter that has no value; give the parameter a Default"


def check_files(files: Iterable[str], config: PackConfig | None = None) -> Iterator[Result]:
    """Yield one result for each trust policy in the files, as they are read. `-` is standard input.

    A file that cannot be read gives a result with a fault, and nothing is raised.
    """
    for file in files:
        try:
            if file == "-":
                yield from check_text(file, _standard_input().read, config)
            else:
                with Path(file).open(encoding="utf-8") as opened:
                    yield from check_text(file, opened.read, config)
        except FileNotFoundError:
            yield Result(file, fault="there is no such file")
        except OSError as error:
            yield Result(file, fault=error.strerror or "the system does not allow reading it")


def _standard_input() -> TextIO:
    """Return standard input as UTF-8, whatever the system's encoding is."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "there is no standard input")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
    return sys.stdin


def check_text(file: str, read: Callable[[int], str], config: PackConfig | None = None) -> Iterator[Result]:
    """Yield the same for one text; `read(n)` returns up to n more characters, and none at the end."""
    try:
        for subject in subjects(read):
            yield from _judge(file, subject, config or PackConfig())
    except (BadJsonError, NotRecognizedError) as error:
        yield Result(file, fault=str(error))
    except UnicodeDecodeError:
        yield Result(file, fault="it is not UTF-8 text; save it as UTF-8")


def _judge(file: str, subject: Subject, config: PackConfig) -> Iterator[Result]:
    if subject.fault:
        yield Result(file, subject.name, subject.identity, fault=subject.fault)
    if subject.account and config.settings.accounts is None:
        config = replace(config, settings=replace(config.settings, own_account=subject.account))
    undecided = _ENCRYPTED if subject.identity else _PARAMETER
    located = judged_policies(subject.kind, subject.properties, config)
    # A role whose policy depends on the template's conditions comes once for each of their outcomes.
    for (path, role), outcomes in groupby(located, key=lambda each: (each.path, each.role)):
        judged = [judge_policy(each, subject.identity, subject.name or role, config) for each in outcomes]
        yield Result(
            file,
            role or subject.name,
            subject.identity,
            path,
            tuple(dict.fromkeys(_redact(finding, subject) for each in judged for _, finding in each.findings)),
            undecided if any(each.undecided for each in judged) else "",
            tuple(dict.fromkeys((_redact(finding, subject), why) for each in judged for finding, why in each.exempted)),
        )


def _redact(finding: Finding, subject: Subject) -> Finding:
    """Return the finding; where the policy is secret, without what quotes it: the message, the witness, the remedy."""
    if not subject.secret:
        return finding
    summary = f"{finding.path or 'The trust policy'} is {finding.kind.value} ({finding.code})."
    return replace(
        finding, message=f"{summary} It is secret, so its contents are not shown.", witness=None, remedy=None
    )
