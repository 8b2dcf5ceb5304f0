"""Checks the trust policies in files, as the pack checks those in resources."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from personalize_guardrails.audit.files import BinaryError, File, Skipped, expand
from personalize_guardrails.audit.reading import BrokenError, NotRecognizedError, subjects
from personalize_guardrails.audit.report import Result
from personalize_guardrails.audit.streaming import BadJsonError
from personalize_guardrails.audit.subjects import ROLE, STACK
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction.intrinsic_functions import Answered
from personalize_guardrails.extraction.unread import unread
from personalize_guardrails.resource_check import INSERTED, check_located, located_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from personalize_guardrails.audit.positions import Origin, Position
    from personalize_guardrails.audit.subjects import Subject
    from personalize_guardrails.extraction import LocatedTrustPolicy
    from personalize_guardrails.trust import Finding

_ENCRYPTED: Final = "its trust policy is encrypted, or partly unknown; export the stack with --show-secrets"
_PARAMETER: Final = "its trust policy depends on a parameter that has no value"
_INSERTED: Final = (
    "a transform inserts a part of its trust policy, which is not read; check what `aws cloudformation get-template "
    "--template-stage Processed` returns"
)


def check_files(
    files: Iterable[str], config: PackConfig | None = None, parameters: Mapping[str, str] | None = None
) -> Iterator[Result]:
    """Yield one result for each trust policy in the files, as they are read. `-` is standard input.

    A folder is read with everything in it. A file that cannot be read gives a result with a fault, and nothing is
    raised. The files of a folder that are skipped share one result, which counts them by reason. `parameters` are
    values for those parameters of templates that have none, or only a default.
    """
    skipped: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in expand(files):
        if isinstance(each, Skipped):
            skipped[each.folder]["of a kind that is not read"] += each.count
            continue
        for result in _check_file(each, config or PackConfig(), parameters or {}):
            if each.folder and result.skipped:
                skipped[each.folder][result.skipped] += 1
            else:
                yield result
    for folder, reasons in skipped.items():
        listed = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
        yield Result(folder, skipped=listed)


def check_text(
    file: str,
    read: Callable[[int], str],
    config: PackConfig | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Iterator[Result]:
    """Yield one result for each trust policy in a text; `read(n)` returns up to n more characters, "" at the end."""
    yield from _check_text(File(file), read, config or PackConfig(), parameters or {})


def _check_file(file: File, config: PackConfig, parameters: Mapping[str, str]) -> Iterator[Result]:
    """Yield the results of one file, or one that says why it could not be read."""
    try:
        with file.open() as stream:
            yield from _check_text(file, stream.read, config, parameters)
    except FileNotFoundError:
        yield Result(file.name, fault="there is no such file")
    except BinaryError as error:
        yield _unread(file, str(error))
    except (EOFError, zlib.error):
        yield Result(file.name, fault="it is compressed, and damaged or cut off")
    except OSError as error:
        yield Result(file.name, fault=error.strerror or "the system does not allow reading it")


def _check_text(
    file: File, read: Callable[[int], str], config: PackConfig, parameters: Mapping[str, str]
) -> Iterator[Result]:
    """Yield the results of a text, by the reader that recognizes it."""
    try:
        for subject, origin in subjects(read):
            own_config = _in_account(config, subject.account or file.account)
            yield from _check(file, _with_parameters(subject, parameters), origin, own_config)
    except BadJsonError as error:
        yield _unread(file, str(error), broken="not JSON")
    except BrokenError as error:
        yield _unread(file, str(error), broken=error.kind)
    except UnicodeDecodeError:
        yield _unread(file, "it is not UTF-8 text; save it as UTF-8", broken="not UTF-8 text")
    except NotRecognizedError as error:
        yield _unread(file, str(error))


def _unread(file: File, why: str, broken: str = "") -> Result:
    """Return the result for a file without a subject: a fault if the caller named the file, else it is skipped.

    A file of a folder is a fault too if it is `broken` in some way and mentions a role.
    """
    if not file.folder or (broken and file.matters()):
        return Result(file.name, fault=why)
    return Result(file.name, skipped=broken or why)


@lru_cache(maxsize=64)
def _in_account(config: PackConfig, account: str) -> PackConfig:
    """Return the configuration with the account that a subject is in, unless it names the trusted accounts itself."""
    if not account or config.settings.accounts is not None:
        return config
    return replace(config, settings=replace(config.settings, own_account=account))


def _with_parameters(subject: Subject, parameters: Mapping[str, str]) -> Subject:
    """Return a template with values for its parameters; the values that its stack has take precedence."""
    own = subject.properties.get("parameters", {})
    if subject.kind != STACK or not parameters or not isinstance(own, Mapping):
        return subject
    answered = {
        name: Answered.of(text, value)
        for name, value in parameters.items()
        if isinstance(text := own.get(name, value), str)
    }
    return replace(subject, properties={**subject.properties, "parameters": {**own, **answered}})


def _check(file: File, subject: Subject, origin: Origin, config: PackConfig) -> Iterator[Result]:
    """Yield a result for each trust policy in a subject."""
    if subject.fault:
        yield Result(file.name, subject.name, subject.identity, fault=subject.fault)
        return
    located = located_policies(subject.kind, subject.properties, config)
    # A role whose policy depends on the template's conditions is located once for each of their outcomes.
    for _, outcomes in groupby(located, key=attrgetter("path", "role")):
        yield _check_role(file, subject, origin, config, list(outcomes))
    if subject.kind != ROLE:
        for path, what in unread(subject.kind, subject.properties):
            yield Result(file.name, subject.name, subject.identity, path, skipped=f"{what}, which is not read")


def _check_role(
    file: File, subject: Subject, origin: Origin, config: PackConfig, outcomes: list[LocatedTrustPolicy]
) -> Result:
    """Return the result for one role, in every outcome of the conditions that its policy depends on."""
    path, role = outcomes[0].path, outcomes[0].role
    checked = [check_located(each, subject.identity, subject.name or role, config) for each in outcomes]
    found = (finding for each in checked for _, finding in each.findings if finding != INSERTED)
    findings = tuple(dict.fromkeys(_redact(finding, subject) for finding in found))
    covered = (pair for each in checked for pair in each.exempted)
    exempted = tuple(dict.fromkeys((_redact(finding, subject), exemption) for finding, exemption in covered))
    fault = _why_undecided(subject, outcomes) if any(each.undecided for each in checked) else ""
    about = [*findings, *(finding for finding, _ in exempted)]
    positions = _positions(subject, origin, path, about) if about or fault else {}
    return Result(file.name, role or subject.name, subject.identity, path, findings, fault, exempted, positions)


def _why_undecided(subject: Subject, outcomes: list[LocatedTrustPolicy]) -> str:
    """Return why a trust policy cannot be decided, and what to do."""
    if any(each.inserted for each in outcomes):
        return _INSERTED
    parameters = list(dict.fromkeys(name for each in outcomes for name in each.parameters))
    if parameters:
        options = " ".join(f"--parameter {name}=VALUE" for name in parameters)
        listed = " and ".join(parameters)
        return f"its trust policy depends on {listed}, without a value; give {options}"
    return subject.unknown or (_ENCRYPTED if subject.identity else _PARAMETER)


def _positions(subject: Subject, origin: Origin, path: str, findings: Iterable[Finding]) -> Mapping[str, Position]:
    """Return line and column of the trust policy and of each finding, by the path in the policy."""
    field, _, rest = path.partition(".")
    place = ".".join(filter(None, (subject.paths.get(field, field), rest)))
    wrong = {"", *(finding.path for finding in findings)}
    return {each: origin.position(".".join(filter(None, (place, each)))) for each in sorted(wrong)}


def _redact(finding: Finding, subject: Subject) -> Finding:
    """Return the finding; for a secret policy, without the message, witness and remedy, which quote it."""
    if not subject.secret:
        return finding
    summary = f"{finding.path or 'The trust policy'} is {finding.kind.value} ({finding.code})."
    message = f"{summary} It is secret, so its contents are not shown."
    return replace(finding, message=message, witness=None, remedy=None)
