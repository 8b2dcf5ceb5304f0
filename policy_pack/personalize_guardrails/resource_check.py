"""Checks the trust policies of a resource, with unknown values and exemptions taken into account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from personalize_guardrails.configuration import Exemption, PackConfig
from personalize_guardrails.extraction import LocatedTrustPolicy, trust_policies
from personalize_guardrails.extraction.unknowns import (
    UNKNOWN,
    UNKNOWN_ACCOUNT,
    Guard,
    has_unknown,
    least_restrictive,
    most_restrictive,
    texts_in,
)
from personalize_guardrails.iam import Arn
from personalize_guardrails.trust import Finding, Kind, check_trust_policy
from personalize_guardrails.trust.parse.principal_matching import is_name_of
from personalize_guardrails.trust.settings import Language

INSERTED: Final = Finding(
    Kind.MALFORMED,
    "unreadable",
    "",
    "The trust policy cannot be checked: a transform such as AWS::Include inserts a part of it, which is not read. "
    "Write it into the template.",
)
"""The finding about what a transform inserts, which is not read. An audit reports it as a fault."""
_SERVICE_LINKED: Final = "/aws-service-role/"
"""The path of service-linked roles. Only AWS can change their trust policies."""
_check_text: Final = lru_cache(maxsize=512)(check_trust_policy)
"""Remembers its answers: several policies check the same resource, and many roles share one document."""


@dataclass(frozen=True, slots=True)
class ResourceCheck:
    """The verdict on a resource: what is certain, and whether anything is still undecided."""

    findings: tuple[tuple[str, Finding], ...] = ()
    """Each finding with the path of its document in the resource."""
    undecided: bool = False
    exempted: tuple[tuple[Finding, Exemption], ...] = ()
    """Each violation that an exemption covers, with the exemption."""


def check_resource(kind: str, urn: str, name: str, properties: Mapping[str, Any], config: PackConfig) -> ResourceCheck:
    """Check every trust policy of a resource of type `kind`."""
    located = list(located_policies(kind, properties, config))
    each = [check_located(one, urn, name, config) for one in located]
    return ResourceCheck(
        tuple(dict.fromkeys(finding for check in each for finding in check.findings)),
        # What a transform inserts is never known here, and is a finding.
        any(check.undecided and not one.inserted for one, check in zip(located, each, strict=True)),
        tuple(dict.fromkeys(pair for check in each for pair in check.exempted)),
    )


def located_policies(kind: str, properties: Mapping[str, Any], config: PackConfig) -> Iterator[LocatedTrustPolicy]:
    """Find the trust policies of a resource, except those of service-linked roles."""
    for located in trust_policies(kind, properties, _own_account(config)):
        if not located.role_path.startswith(_SERVICE_LINKED):
            yield located


def check_located(located: LocatedTrustPolicy, urn: str, name: str, config: PackConfig) -> ResourceCheck:
    """Check one trust policy; `urn` and `name` are compared with the selectors of the exemptions."""
    findings: list[tuple[str, Finding]] = []
    exempted: list[tuple[Finding, Exemption]] = []
    undecided = False
    covering = [each for each in config.exemptions if each.covers(urn, name, located.role_path)]
    covering.sort(key=Exemption.is_expired)  # an expired exemption does not hide one that still holds
    for finding in _findings(located, config):
        if finding is None:
            undecided = True
            continue
        exemption = next((each for each in covering if _concerns(each, finding, located, config)), None)
        if exemption is None or finding.kind is Kind.UNSATISFIABLE:
            findings.append((located.path, finding))
        elif exemption.is_expired():
            expiry = f"The exemption for it expired on {exemption.expires.isoformat()}."
            findings.append((located.path, _with_sentence(finding, expiry)))
        else:
            exempted.append((finding, exemption))
    return ResourceCheck(tuple(findings), undecided, tuple(exempted))


def _own_account(config: PackConfig) -> str:
    """Return the placeholder for a stack's own account where that is not known."""
    accounts = config.settings.accounts
    return min(accounts) if accounts else config.settings.own_account or UNKNOWN_ACCOUNT


def _guard(config: PackConfig) -> Guard:
    """Return the most restrictive account and ARN that the configuration accepts."""
    own_account, accounts = _own_account(config), config.settings.accounts
    for pattern in config.settings.source_arns:
        try:
            arn = Arn.parse(pattern)
        except ValueError:
            continue  # nothing matches it
        account = arn.account if arn.account.isdigit() else own_account
        if accounts is None or account in accounts:
            return Guard(account, str(replace(arn, account=account)))
    return Guard.of(own_account)


def _findings(located: LocatedTrustPolicy, config: PackConfig) -> Iterator[Finding | None]:
    """Yield the findings of one document, and None where something cannot be decided yet."""
    for finding in _findings_of_known(located, config):
        if finding is not None and located.looked_up:
            yield _with_sentence(finding, _looked_up(located.looked_up))
        else:
            yield finding
        if finding is None and located.inserted:
            yield INSERTED


def _looked_up(names: tuple[str, ...]) -> str:
    """Return the sentence about parameters that CloudFormation looks up."""
    options = " ".join(f"--parameter {name}=VALUE" for name in names)
    return (
        f"It depends on {' and '.join(names)}, which CloudFormation looks up; run the audit with {options} to check it."
    )


def _findings_of_known(located: LocatedTrustPolicy, config: PackConfig) -> Iterator[Finding | None]:
    """Yield the findings that are certain, and None where the unknown parts of a document may violate the rule."""
    if located.fault:
        yield Finding(Kind.MALFORMED, "unreadable", "", f"The trust policy cannot be checked: {located.fault}.")
    elif located.document is UNKNOWN:
        yield None
    elif isinstance(located.document, Mapping) and has_unknown(located.document):
        best_case = most_restrictive(located.document, _guard(config))
        yield from (each for each in _check(best_case, located, config) if each.kind is not Kind.UNSATISFIABLE)
        possible = located.possible or (located.document,)
        if any(_may_violate(each, located, config) for each in possible):
            yield None
    else:
        for finding in _check(located.document, located, config):
            if finding.kind is not Kind.UNSATISFIABLE or not _names_own_account(located, config):
                yield finding


def _may_violate(document: object, located: LocatedTrustPolicy, config: PackConfig) -> bool:
    """Return whether a document may violate the rule once its unknown values are known."""
    worst_case = least_restrictive(document) if isinstance(document, Mapping) and has_unknown(document) else document
    return worst_case is None or worst_case is UNKNOWN or bool(_check(worst_case, located, config))


def _check(document: Any, located: LocatedTrustPolicy, config: PackConfig) -> tuple[Finding, ...]:  # noqa: ANN401 - any property
    """Check a document; in a template, a remedy refers to the stack's own account and region."""
    settings = config.settings
    if isinstance(document, str):
        return _check_text(document, settings)
    if located.language is Language.JSON:
        return check_trust_policy(document, settings)
    own = _own_account(config)
    settings = replace(settings, language=located.language, joins=located.joins, template_account=own)
    found = check_trust_policy(document, settings)
    if own != UNKNOWN_ACCOUNT:
        return found
    written, meant = f"account {UNKNOWN_ACCOUNT}", "the stack's own account"
    return tuple(replace(each, message=each.message.replace(written, meant)) for each in found)


def _names_own_account(located: LocatedTrustPolicy, config: PackConfig) -> bool:
    """Return whether a template refers to its own account, whose number is only assumed here."""
    account = _own_account(config)
    is_known = not located.role or account == config.settings.own_account
    return not is_known and any(account in text for text in texts_in(located.document))


def _concerns(exemption: Exemption, finding: Finding, located: LocatedTrustPolicy, config: PackConfig) -> bool:
    """Return whether an exemption covers a finding: it names no service, or the only one with that finding."""
    if not exemption.service:
        return True
    if finding.witness is not None:
        return is_name_of(finding.witness.service, exemption.service)
    others = tuple(each for each in config.settings.services if not is_name_of(each, exemption.service))
    if not others:
        return True
    return finding not in _findings(located, replace(config, settings=replace(config.settings, services=others)))


def _with_sentence(finding: Finding, sentence: str) -> Finding:
    return replace(finding, message=f"{finding.message} {sentence}")
