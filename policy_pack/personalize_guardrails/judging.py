"""From a resource to what is wrong with its trust policies, unknown values and exemptions minded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from personalize_guardrails.configuration import Exemption
from personalize_guardrails.extraction import Found, trust_policies
from personalize_guardrails.extraction.declared import SOMEBODY
from personalize_guardrails.extraction.unknowns import UNKNOWN, Guard, at_best, has_unknown, texts_in
from personalize_guardrails.iam import Arn
from personalize_guardrails.trust import Finding, Kind, check_trust_policy
from personalize_guardrails.trust.parse.principal_matching import is_name_of

if TYPE_CHECKING:
    from personalize_guardrails.configuration import PackConfig

_SERVICE_LINKED: Final = "/aws-service-role/"
"""Service-linked roles are AWS's own: nobody can write their trust policies."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is certain of a resource, and whether anything is left to decide."""

    findings: tuple[tuple[str, Finding], ...] = ()
    """Each finding with the place of its document in the resource."""
    undecided: bool = False
    exempted: tuple[tuple[Finding, Exemption], ...] = ()
    """Each violation that an exemption keeps away, with the exemption."""


def judge(kind: str, urn: str, name: str, properties: Mapping[str, Any], config: PackConfig) -> Judgement:
    """Judge every trust policy of a resource."""
    each = [judge_one(found, urn, name, config) for found in judged_in(kind, properties, config)]
    return Judgement(
        tuple(dict.fromkeys(finding for judgement in each for finding in judgement.findings)),
        any(judgement.undecided for judgement in each),
        tuple(dict.fromkeys(pair for judgement in each for pair in judgement.exempted)),
    )


def judged_in(kind: str, properties: Mapping[str, Any], config: PackConfig) -> Iterator[Found]:
    """The trust policies of a resource, those of service-linked roles left out."""
    for found in trust_policies(kind, properties, _somebody(config)):
        if not found.role_path.startswith(_SERVICE_LINKED):
            yield found


def judge_one(found: Found, urn: str, name: str, config: PackConfig) -> Judgement:
    """Judge one trust policy."""
    findings: list[tuple[str, Finding]] = []
    exempted: list[tuple[Finding, Exemption]] = []
    undecided = False
    covering = [each for each in config.exemptions if each.covers(urn, name, found.role_path)]
    covering.sort(key=Exemption.is_over)  # one that was over does not stand before one that holds
    for finding in _of(found, config, _somebody(config)):
        if finding is None:
            undecided = True
            continue
        exemption = next((each for each in covering if _about(each, finding)), None)
        if exemption is None or finding.kind is Kind.UNSATISFIABLE:
            findings.append((found.path, finding))
        elif exemption.is_over():
            findings.append((found.path, _expired(finding, exemption)))
        else:
            exempted.append((finding, exemption))
    return Judgement(tuple(findings), undecided, tuple(exempted))


def _somebody(config: PackConfig) -> str:
    """The account that stands for a stack's own where it is not known."""
    accounts = config.settings.accounts
    return min(accounts) if accounts else config.settings.own_account or SOMEBODY


def _guard(config: PackConfig, somebody: str) -> Guard:
    """What restricts as the configuration has it."""
    accounts = config.settings.accounts
    for pattern in config.settings.source_arns:
        try:
            arn = Arn.parse(pattern)
        except ValueError:
            continue  # nothing matches it
        account = arn.account if arn.account.isdigit() else somebody
        if accounts is None or account in accounts:
            return Guard(account, str(replace(arn, account=account)))
    return Guard.of(somebody)


def _of(found: Found, config: PackConfig, somebody: str) -> Iterator[Finding | None]:
    """The findings of one document; None for what cannot be decided yet."""
    if found.fault:
        message = f"The trust policy cannot be judged: {found.fault}."
        yield Finding(Kind.MALFORMED, "unreadable", "", message)
    elif found.document is UNKNOWN:
        yield None
    elif isinstance(found.document, Mapping) and has_unknown(found.document):
        best = at_best(found.document, _guard(config, somebody))
        yield from (
            finding for finding in check_trust_policy(best, config.settings) if finding.kind is not Kind.UNSATISFIABLE
        )
        yield None
    else:
        document: Any = found.document
        for finding in check_trust_policy(document, config.settings):
            if finding.kind is not Kind.UNSATISFIABLE or not _stands_for_its_own(found, config, somebody):
                yield finding


def _stands_for_its_own(found: Found, config: PackConfig, somebody: str) -> bool:
    """Whether a template names its own account, which may be one that stands there in figures: here they differ."""
    is_known = not found.role or somebody == config.settings.own_account
    return not is_known and any(somebody in text for text in texts_in(found.document))


def _about(exemption: Exemption, finding: Finding) -> bool:
    if not exemption.service or finding.witness is None:
        return True
    return is_name_of(finding.witness.service, exemption.service)


def _expired(finding: Finding, exemption: Exemption) -> Finding:
    message = f"{finding.message} The exemption for it was over on {exemption.expires.isoformat()}."
    return replace(finding, message=message)
