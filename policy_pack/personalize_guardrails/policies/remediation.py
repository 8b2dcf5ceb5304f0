"""Writes the missing conditions into the trust policy of a role, where account and region are known.

The document stays text or an object, as it was, and nothing else of the role changes. Secrets stay secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pulumi
from pulumi_policy import ResourceValidationArgs, Secret
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, serialize_properties

from personalize_guardrails.extraction.declared import outer_resources
from personalize_guardrails.extraction.resource_types import ROLE, TRUST_POLICY
from personalize_guardrails.iam.json_text import nested_members, object_hook
from personalize_guardrails.policies.sdk import materialize
from personalize_guardrails.resource_check import check_resource
from personalize_guardrails.trust import Kind, TrustSettings

if TYPE_CHECKING:
    from personalize_guardrails.configuration import PackConfig
    from personalize_guardrails.extraction.declaration import Declared


class NotRemediatedError(Exception):
    """A role in violation is left as it is; the message says why."""


def remediated(args: ResourceValidationArgs, config: PackConfig) -> Mapping[str, Any] | None:
    """Return the role's properties with a guarded trust policy; None where there is nothing to write.

    Raise NotRemediatedError where the missing conditions cannot be written.
    """
    properties = materialize(args.props)
    check = check_resource(args.resource_type, args.urn, args.name, properties, config)
    if check.undecided or not any(finding.kind is not Kind.UNSATISFIABLE for _, finding in check.findings):
        return None
    role = next(iter(outer_resources(args.resource_type, properties)))
    if role.kind != ROLE:
        raise NotRemediatedError("the pack does not change templates")
    if role.fault:
        raise NotRemediatedError(role.fault)
    if check.exempted:
        raise NotRemediatedError("another violation of the same role is exempted")
    if config.settings.accounts is None or len(config.settings.accounts) != 1:
        raise NotRemediatedError("`accounts` of the configuration does not name exactly one account")
    region = _region(args)
    if region is None:
        package = args.resource_type.split(":", 1)[0]
        raise NotRemediatedError(
            f"the region is known to the provider only, from its environment; set {package}:region in the stack's "
            "configuration, or the provider's region"
        )
    field, remedied = _rewritten(role, properties, replace(config.settings, region=region))
    raw = serialize_properties(args.props)
    return {**raw, field: Secret(remedied) if _holds_secret(raw[field]) else remedied}


def _rewritten(role: Declared, properties: Mapping[str, Any], settings: TrustSettings) -> tuple[str, object]:
    """Return the name of the property that holds the trust policy, and its new value in the same form."""
    field, _, inner = role.place(TRUST_POLICY).partition(".")
    before = properties.get(field)
    if before is None:
        raise NotRemediatedError(f"it has no {field}; write the role's properties there")
    if not inner:
        return field, _guarded(before, settings)
    try:
        hook = object_hook(_refuse)
        outer = json.loads(before, object_pairs_hook=hook) if isinstance(before, str) else deepcopy(before)
    except (ValueError, RecursionError):
        raise NotRemediatedError(f"a key appears twice in {field}; remove one of them") from None
    if inner not in outer:
        raise NotRemediatedError(f"{field} has no {inner}; write the trust policy there")
    outer[inner] = _guarded(outer[inner], settings)
    return field, json.dumps(outer) if isinstance(before, str) else outer


def _guarded(document: Any, settings: TrustSettings) -> object:  # noqa: ANN401 - any property
    """Return the document with the missing conditions; NotRemediatedError where they are not enough."""
    # Remediation is opt-in, and needs the search.
    from personalize_guardrails.trust.remediation import remedied_document  # noqa: PLC0415

    remedied = remedied_document(document, settings)
    if remedied is None:
        raise NotRemediatedError("more than its conditions must change; correct the trust policy by hand")
    return remedied


def _refuse(_pairs: list[tuple[str, object]]) -> NoReturn:
    raise ValueError


def _holds_secret(value: object) -> bool:
    """Return whether anything in a value, in the form that the engine sends, is secret."""
    return any(member == (SPECIAL_SIG_KEY, SPECIAL_SECRET_SIG) for member in nested_members(value))


def _region(args: ResourceValidationArgs) -> str | None:
    """Return the region of the resource's provider, where its configuration has one."""
    region = materialize(args.provider.props).get("region") if args.provider else None
    return region if isinstance(region, str) else pulumi.Config(args.resource_type.split(":", 1)[0]).get("region")
