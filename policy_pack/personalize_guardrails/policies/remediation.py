"""Writes the missing conditions into a trust policy, where account and region are known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi

from personalize_guardrails.policies.props import plain
from personalize_guardrails.trust import Kind, TrustSettings, check_trust_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_policy import ResourceValidationArgs

    from personalize_guardrails.configuration import PackConfig


def guarded(document: str, account: str, region: str, settings: TrustSettings) -> str | None:
    """The document with both conditions in each statement that lacks them, and nothing else changed.

    None where that does not make it guarded, such as where it is malformed.
    """
    findings = check_trust_policy(document, settings)
    if not findings or any(finding.kind is not Kind.UNGUARDED for finding in findings):
        return None
    body: dict[str, Any] = json.loads(document)
    listed = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
    for finding in findings:
        if finding.witness is None:
            return None
        condition = listed[finding.witness.statement].setdefault("Condition", {})
        service = finding.witness.service.split(".", 1)[0]
        partition = "aws-cn" if region.startswith("cn-") else "aws"
        _write(condition, "StringEquals", "aws:SourceAccount", account)
        _write(condition, "ArnLike", "aws:SourceArn", f"arn:{partition}:{service}:{region}:{account}:*")
    text = json.dumps(body)
    return None if check_trust_policy(text, settings) else text


def _write(condition: dict[str, Any], operator: str, key: str, value: str) -> None:
    block = condition.setdefault(operator, {})
    for written in [name for name in block if name.lower() == key.lower()]:
        del block[written]
    block[key] = value


def remediated(args: ResourceValidationArgs, config: PackConfig) -> Mapping[str, Any] | None:
    """The role's properties with a guarded trust policy; None where nothing is to be done, or can be."""
    document = plain(args.props).get("assumeRolePolicy")
    accounts = config.settings.accounts
    region = _region(args)
    if not isinstance(document, str) or accounts is None or len(accounts) != 1 or not region:
        return None
    [account] = accounts
    text = guarded(document, account, region, config.settings)
    if text is None:
        return None
    changed = {key: args.props[key] for key in args.props.keys() if key != "assumeRolePolicy"}  # noqa: SIM118 - as in props
    return {**changed, "assumeRolePolicy": text}


def _region(args: ResourceValidationArgs) -> str | None:
    provider = args.provider
    region = plain(provider.props).get("region") if provider else None
    return region if isinstance(region, str) else pulumi.Config("aws").get("region")
