"""Writes the missing conditions into the trust policy of a role, where account and region are known.

The document keeps its form, text or object, and nothing else of the role changes: secrets stay secret.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi_policy import Secret
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, serialize_properties

from personalize_guardrails.judging import judge
from personalize_guardrails.policies.props import materialize
from personalize_guardrails.trust import Kind, TrustSettings, check_trust_policy

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


def guarded(document: Document, account: str, region: str, settings: TrustSettings) -> Document | None:
    """The document with both conditions in each statement that lacks them, and nothing else changed.

    None where that does not make it guarded, or where it cannot be written again as it is: malformed, or a key twice.
    """
    findings = check_trust_policy(document, settings)
    if not findings or any(finding.kind is not Kind.UNGUARDED for finding in findings):
        return None

    def written(body: dict[str, Any]) -> dict[str, Any] | None:
        listed = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
        for finding in findings:
            if finding.witness is None:
                return None
            condition = listed[finding.witness.statement].setdefault("Condition", {})
            service = finding.witness.service.split(".", 1)[0]
            partition = "aws-cn" if region.startswith("cn-") else "aws"
            _write(condition, "StringEquals", "aws:SourceAccount", account)
            _write(condition, "ArnLike", "aws:SourceArn", f"arn:{partition}:{service}:{region}:{account}:*")
        return body

    changed = _in_its_form(document, written)
    return None if changed is None or check_trust_policy(changed, settings) else changed


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
    [account] = accounts

    def change(document: Document) -> Document | None:
        return guarded(document, account, region, config.settings)

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


def _write(condition: dict[str, Any], operator: str, key: str, value: str) -> None:
    block = condition.setdefault(operator, {})
    for written in [name for name in block if name.lower() == key.lower()]:
        del block[written]
    block[key] = value


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
