"""Writes the missing conditions into the trust policy of a role, where account and region are known.

The document keeps its form, text or object, and nothing else of the role changes: secrets stay secret.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi_policy import Secret
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, serialize_properties

from personalize_guardrails.judging import judge
from personalize_guardrails.policies.props import materialize
from personalize_guardrails.trust.remediation import remedied_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi_policy import ResourceValidationArgs

    from personalize_guardrails.configuration import PackConfig

Document = str | dict[str, Any]
_CLOUD_CONTROL: Final = "aws:cloudcontrol/resource:Resource"
_FIELDS: Final = {
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws-native:iam:Role": "assumeRolePolicyDocument",
    _CLOUD_CONTROL: "desiredState",
}


def remediated(args: ResourceValidationArgs, config: PackConfig) -> Mapping[str, Any] | None:
    """The role's properties with a guarded trust policy; None where nothing is to be done, or can be."""
    field = _FIELDS.get(args.resource_type)
    accounts, region = config.settings.accounts, _region(args)
    if field is None or accounts is None or len(accounts) != 1 or not region:
        return None
    properties = materialize(args.props)
    judgement = judge(args.resource_type, args.urn, args.name, properties, config)
    if not judgement.findings or judgement.undecided or judgement.exempted:
        return None
    settings = replace(config.settings, region=region)

    def change(document: Document) -> Document | None:
        return remedied_document(document, settings)

    before = properties[field]
    after = _in_its_form(before, _in_role(change)) if args.resource_type == _CLOUD_CONTROL else change(before)
    if after is None:
        return None
    raw = serialize_properties(args.props)
    return {**raw, field: Secret(after) if _holds_secret(raw[field]) else after}


def _in_role(change: Callable[[Document], Document | None]) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def changed(role: dict[str, Any]) -> dict[str, Any] | None:
        after = change(role["AssumeRolePolicyDocument"])
        return None if after is None else {**role, "AssumeRolePolicyDocument": after}

    return changed


def _in_its_form(document: Document, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Document | None:
    """The document changed as an object, and written again as what it was."""
    try:
        body = json.loads(document, object_pairs_hook=_each_once) if isinstance(document, str) else deepcopy(document)
    except (ValueError, RecursionError):
        return None
    changed = change(body) if isinstance(body, dict) else None
    return json.dumps(changed) if isinstance(document, str) and changed is not None else changed


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice, and writing the object again would lose one")
    return found


def _holds_secret(value: object) -> bool:
    """Whether anything in a value, in the form that the engine sends, is secret."""
    if isinstance(value, dict):
        return value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG or any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _region(args: ResourceValidationArgs) -> str | None:
    provider = args.provider
    region = materialize(provider.props).get("region") if provider else None
    package = args.resource_type.split(":", 1)[0]
    return region if isinstance(region, str) else pulumi.Config(package).get("region")
