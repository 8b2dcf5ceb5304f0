"""The advisory policy that lists what the trust rule does not look into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_policy import EnforcementLevel, Severity, StackValidationPolicy

from personalize_guardrails.configuration import NOT_CHECKED
from personalize_guardrails.extraction.resource_types import types_of
from personalize_guardrails.extraction.unread import unread
from personalize_guardrails.policies.metadata import about
from personalize_guardrails.policies.props import materialize
from personalize_guardrails.policies.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_policy import Policy, ReportViolation, StackValidationArgs

    from personalize_guardrails.configuration import PackConfig

_READ_TYPES: Final = types_of()
"""The types that can have a template."""


def coverage(config_of: Callable[[StackValidationArgs], PackConfig]) -> Policy:
    """Return the policy; `config_of` returns the configuration of the trust rule."""

    def report_unread(args: StackValidationArgs, report: ReportViolation) -> None:
        if not config_of(args).checks_personalize:
            report(f"The configuration of the trust rule leaves Personalize out: {NOT_CHECKED}.", None)
        for resource in args.resources:
            if resource.resource_type not in _READ_TYPES:
                continue
            for path, what in dict.fromkeys(unread(resource.resource_type, materialize(resource.props))):
                place = f" ({path})" if path else ""
                report(f"The trust rule does not read {what}{place}; audit it as a file.", resource.urn)

    return StackValidationPolicy(
        **about(
            "trust-policy-coverage",
            "What the trust rule does not read",
            "Templates at an address, nested stacks, macros, modules, applications, and products are listed.",
            Severity.LOW,
            "Check those templates with `python -m personalize_guardrails check`.",
            "cross-service-confused-deputy-prevention.html",
        ),
        enforcement_level=EnforcementLevel.ADVISORY,
        config_schema=SCHEMA,
        validate=report_unread,
    )
