"""The trust rule as policies: the mandatory one, its advisory companions, and what its exemptions do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, Severity, StackValidationPolicy
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from personalize_guardrails.configuration import RULE, PackConfig
from personalize_guardrails.extraction import watched_types
from personalize_guardrails.judging import judge
from personalize_guardrails.policies.metadata import about
from personalize_guardrails.policies.props import plain
from personalize_guardrails.policies.remediation import remediated
from personalize_guardrails.policies.schema import SCHEMA
from personalize_guardrails.trust import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_policy import ReportViolation, ResourceValidationArgs, StackValidationArgs

SOURCE_CONDITIONS: Final = RULE
SATISFIABLE: Final = "trust-policy-satisfiable"
EXEMPTIONS: Final = "trust-policy-exemptions"
_PAGE: Final = "cross-service-confused-deputy-prevention.html"


def source_conditions() -> ResourceValidationPolicy:
    """The mandatory policy."""
    return ResourceValidationPolicy(
        **about(
            SOURCE_CONDITIONS,
            "Trust policies pin source account and source ARN",
            "A trust policy that lets Amazon Personalize assume a role restricts aws:SourceAccount and aws:SourceArn.",
            Severity.HIGH,
            "Write both conditions into the Allow statement: StringEquals aws:SourceAccount with the account, and "
            "ArnLike aws:SourceArn with arn:aws:personalize:REGION:ACCOUNT:*.",
            _PAGE,
            "confused-deputy",
        ),
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=SCHEMA,
        validate=_report_violations,
        remediate=_remediate,  # type: ignore[arg-type] # the SDK takes a plain result too
    )


def satisfiable() -> ResourceValidationPolicy:
    """The advisory policy for roles that are safe and can never be used."""
    return ResourceValidationPolicy(
        **about(
            SATISFIABLE,
            "Trust policies can match",
            "A trust policy for Amazon Personalize admits at least one request, so that the role can be used.",
            Severity.LOW,
            "Name the same account in aws:SourceAccount and aws:SourceArn.",
            _PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        config_schema=SCHEMA,
        validate=_report_unsatisfiable,
    )


def exemptions() -> StackValidationPolicy:
    """The advisory policy that lists the exemptions in use, and those that nothing needs."""
    return StackValidationPolicy(
        **about(
            EXEMPTIONS,
            "Exemptions from the trust rule",
            "Exemptions from the trust rule are listed where they are used, and mentioned where nothing needs them.",
            Severity.LOW,
            "Guard the role and remove the exemption from the configuration.",
            _PAGE,
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        config_schema=SCHEMA,
        validate=_report_exemptions,
    )


def _config(args: ResourceValidationArgs | StackValidationArgs) -> PackConfig:
    return PackConfig.read(args.get_config())


def _report_violations(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type not in watched_types():
        return
    judgement = judge(args.resource_type, args.urn, args.name, plain(args.props), _config(args))
    for path, finding in judgement.findings:
        if finding.kind is not Kind.UNSATISFIABLE:
            place = f"{path}.{finding.path}" if finding.path else path
            report(f"{finding.message} ({place})", args.urn)
    if judgement.undecided:
        # The SDK makes one quiet line of it in a preview; an update knows the value before the role is made.
        raise UnknownValueError(UNKNOWN_STRING_VALUE, ["trust policy"])


def _report_unsatisfiable(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type not in watched_types():
        return
    judgement = judge(args.resource_type, args.urn, args.name, plain(args.props), _config(args))
    for path, finding in judgement.findings:
        if finding.kind is Kind.UNSATISFIABLE:
            report(f"{finding.message} ({path}.{finding.path})", args.urn)


def _report_exemptions(args: StackValidationArgs, report: ReportViolation) -> None:
    config = _config(args)
    if not config.exemptions:
        return
    used: set[Any] = set()
    for resource in args.resources:
        if resource.resource_type not in watched_types():
            continue
        judgement = judge(resource.resource_type, resource.urn, resource.name, plain(resource.props), config)
        for exemption in dict.fromkeys(exemption for _, exemption in judgement.exempted):
            used.add(exemption)
            report(f"Exempted from {SOURCE_CONDITIONS}: {exemption.words}.", resource.urn)
    for exemption in config.exemptions:
        if exemption not in used and not exemption.is_over():
            report(f"Nothing in this stack needs the exemption for {exemption.words}.", None)


def _remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
    return remediated(args, _config(args))
