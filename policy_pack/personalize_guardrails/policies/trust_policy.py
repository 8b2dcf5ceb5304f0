"""`trust-policy-source-conditions`: a trust policy that lets Personalize in pins accounts and resources, really."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_policy import EnforcementLevel, ResourceValidationPolicy

from personalize_guardrails import check_trust_policy

if TYPE_CHECKING:
    from pulumi_policy import ReportViolation, ResourceValidationArgs

_VIOLATIONS: Final = frozenset({"unguarded", "malformed"})


def source_conditions() -> ResourceValidationPolicy:
    """The mandatory policy."""
    return ResourceValidationPolicy(
        name="trust-policy-source-conditions",
        description=(
            "A trust policy that lets Amazon Personalize assume a role contains aws:SourceArn and aws:SourceAccount "
            "conditions that restrict."
        ),
        enforcement_level=EnforcementLevel.MANDATORY,
        validate=_validate,
    )


def _validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type != "aws:iam/role:Role" or "assumeRolePolicy" not in args.props:
        return
    for finding in check_trust_policy(args.props["assumeRolePolicy"]):
        if finding.kind in _VIOLATIONS:
            report(f"{finding.message} ({finding.path})")
