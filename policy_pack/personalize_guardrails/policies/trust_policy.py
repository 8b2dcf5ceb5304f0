"""The policies of the trust rule: the mandatory one, and the advisory ones that share its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from personalize_guardrails.configuration import NOT_CHECKED, RULE, Exemption, PackConfig
from personalize_guardrails.extraction import watched_types
from personalize_guardrails.extraction.resource_types import types_of
from personalize_guardrails.extraction.unread import unread
from personalize_guardrails.policies.remediation import NotRemediatedError, remediated
from personalize_guardrails.policies.schema import SCHEMA
from personalize_guardrails.policies.sdk import Violations, materialize, pack_policy
from personalize_guardrails.resource_check import ResourceCheck, check_resource
from personalize_guardrails.trust import Kind

_PAGE: Final = "cross-service-confused-deputy-prevention.html"
_TEMPLATE_TYPES: Final = types_of()
"""The types that can have a template."""


def trust_rule_policies() -> list[Policy]:
    """Return the mandatory policy, and the advisory ones that share its configuration."""
    shared = _SharedConfig()
    return [_source_conditions(shared), _satisfiable(shared), _exemptions(shared), _coverage(shared)]


class _SharedConfig:
    """The configuration of the trust rule, for the policies that share it.

    The engine passes each policy its own configuration. It runs the policies on every resource in their order, and on
    the stack last. The mandatory policy therefore gets its configuration before the others need it.
    """

    def __init__(self) -> None:
        self._rule: Mapping[str, Any] = {}
        self._last: tuple[Mapping[str, Any], PackConfig] = ({}, PackConfig())
        self.not_remediated: dict[str, str] = {}
        """Why a role in violation was not remediated, by its URN: the SDK remediates before it validates."""

    def of_rule(self, args: ResourceValidationArgs) -> PackConfig:
        """Return the configuration of the mandatory policy."""
        self._rule = args.get_config()
        return self._parse(self._rule)

    def of_companion(self, args: ResourceValidationArgs | StackValidationArgs) -> PackConfig:
        """Return the same configuration, overridden by the settings of the advisory policy itself."""
        return self._parse({**self._rule, **args.get_config()})

    def _parse(self, written: Mapping[str, Any]) -> PackConfig:
        """Return the parsed configuration, parsed once, since it is the same for every resource of a run."""
        if written != self._last[0]:
            self._last = (written, PackConfig.read(written))
        return self._last[1]


def _source_conditions(shared: _SharedConfig) -> Policy:
    """Return the mandatory policy, which can remediate too."""

    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        """Return the role's properties with the missing conditions, or None, and remember why it has to stay."""
        config = shared.of_rule(args)
        if args.resource_type not in watched_types():
            return None
        try:
            return remediated(args, config)
        except NotRemediatedError as error:
            shared.not_remediated[args.urn] = str(error)
            return None

    @pack_policy(
        ResourceValidationPolicy,
        RULE,
        "Trust policies restrict source account and source ARN",
        "A trust policy that lets Amazon Personalize assume a role restricts aws:SourceAccount and aws:SourceArn.",
        Severity.HIGH,
        "Write both conditions into the Allow statement: StringEquals aws:SourceAccount with the account, and "
        "ArnLike aws:SourceArn with arn:aws:personalize:REGION:ACCOUNT:*.",
        _PAGE,
        "confused-deputy",
        level=EnforcementLevel.MANDATORY,
        config_schema=SCHEMA,
        remediate=remediate,
    )
    def violations(args: ResourceValidationArgs) -> Violations:
        """Yield the violations of a resource, each with the reason why it was not remediated, if it should be."""
        check = _check(args, shared.of_rule(args))
        reason = shared.not_remediated.pop(args.urn, "")
        why = f" It is not remediated: {reason}." if reason else ""
        for path, finding in check.findings:
            if finding.kind is not Kind.UNSATISFIABLE:
                place = f"{path}.{finding.path}" if finding.path else path
                yield f"{finding.message}{why} ({place})", args.urn
        if check.undecided:
            # A preview shows this as one advisory line. An update knows the value before it creates the role.
            raise UnknownValueError(UNKNOWN_STRING_VALUE, ["trust policy"])

    return violations()


@pack_policy(
    ResourceValidationPolicy,
    "trust-policy-satisfiable",
    "Trust policies can match",
    "A trust policy for Amazon Personalize allows at least one request, so that the role can be used.",
    Severity.LOW,
    "Name the same account in aws:SourceAccount and aws:SourceArn.",
    _PAGE,
    config_schema=SCHEMA,
)
def _satisfiable(shared: _SharedConfig, args: ResourceValidationArgs) -> Violations:
    """Yield why a role that is safe can never be assumed."""
    for path, finding in _check(args, shared.of_companion(args)).findings:
        if finding.kind is Kind.UNSATISFIABLE:
            yield f"{finding.message} ({path}.{finding.path})", args.urn


@pack_policy(
    StackValidationPolicy,
    "trust-policy-exemptions",
    "Exemptions from the trust rule",
    "Exemptions from the trust rule are listed where they are used, and mentioned where no role needs them.",
    Severity.LOW,
    "Guard the role and remove the exemption from the configuration.",
    _PAGE,
    config_schema=SCHEMA,
)
def _exemptions(shared: _SharedConfig, args: StackValidationArgs) -> Violations:
    """Yield the exemptions in use, and those that no role needs."""
    config = shared.of_companion(args)
    used: set[Exemption] = set()
    for resource in args.resources if config.exemptions else ():
        for exemption in dict.fromkeys(exemption for _, exemption in _check(resource, config).exempted):
            used.add(exemption)
            yield f"Exempted from {RULE}: {exemption.words}.", resource.urn
    for exemption in config.exemptions:
        if exemption not in used and not exemption.is_expired():
            yield f"No role in this stack needs the exemption for {exemption.words}.", None


@pack_policy(
    StackValidationPolicy,
    "trust-policy-coverage",
    "What the trust rule does not read",
    "Templates at an address, nested stacks, macros, modules, applications, and products are listed.",
    Severity.LOW,
    "Check those templates with `python -m personalize_guardrails check`.",
    _PAGE,
    config_schema=SCHEMA,
)
def _coverage(shared: _SharedConfig, args: StackValidationArgs) -> Violations:
    """Yield what the trust rule does not read."""
    if not shared.of_companion(args).checks_personalize:
        yield f"The configuration of the trust rule leaves Personalize out: {NOT_CHECKED}.", None
    for resource in args.resources:
        if resource.resource_type in _TEMPLATE_TYPES:
            for path, what in dict.fromkeys(unread(resource.resource_type, materialize(resource.props))):
                place = f" ({path})" if path else ""
                yield f"The trust rule does not read {what}{place}; audit it as a file.", resource.urn


def _check(resource: ResourceValidationArgs | PolicyResource, config: PackConfig) -> ResourceCheck:
    """Check a resource in the form in which the SDK passes it."""
    if resource.resource_type not in watched_types():
        return ResourceCheck()
    return check_resource(resource.resource_type, resource.urn, resource.name, materialize(resource.props), config)
