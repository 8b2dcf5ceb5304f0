"""The policies of the trust rule share the configuration that is written for the mandatory one."""

from __future__ import annotations

import json
from typing import Any

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import policy_arguments, stack_arguments
from tests.pack.spellings import resource

RULE, SATISFIABLE, EXEMPTIONS = "trust-policy-source-conditions", "trust-policy-satisfiable", "trust-policy-exemptions"
USELESS = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:lambda:us-east-1:210987654321:*"},
    },
}
ROLE = {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": [USELESS]})}


def reports(rule: dict[str, Any], **own: dict[str, Any]) -> list[tuple[str, str]]:
    """Policy and message of each report on one role, in the order in which the SDK runs the policies."""
    found: list[tuple[str, str]] = []
    policies: dict[str, Any] = {policy.name: policy for policy in pack_policies()}
    for name in (RULE, SATISFIABLE, EXEMPTIONS):
        config = rule if name == RULE else own.get(name.replace("-", "_"), {})
        if name == EXEMPTIONS:
            arguments: Any = stack_arguments([resource("aws:iam/role:Role", **ROLE)], config=config)
        else:
            arguments = policy_arguments("aws:iam/role:Role", ROLE, config=config)
        policies[name].validate(arguments, lambda message, _=None, name=name: found.append((name, message)))
    return found


def test_what_is_written_for_the_rule_holds_for_its_companions() -> None:
    assert reports({}) == []
    exemption = {"name": "elsewhere", "reason": "moves", "expires": "2999-12-31"}
    given = reports({"services": ["lambda.amazonaws.com"], "exemptions": [exemption]})
    assert [name for name, _ in given] == [SATISFIABLE, EXEMPTIONS]


def test_what_is_written_for_a_companion_counts_more() -> None:
    own = {"services": ["ec2.amazonaws.com"]}
    assert reports({"services": ["lambda.amazonaws.com"]}, trust_policy_satisfiable=own) == []


def test_the_schema_has_no_defaults_that_the_engine_would_write_over_it() -> None:
    for policy in pack_policies():
        properties = policy.config_schema.properties if policy.config_schema else {}
        assert not [name for name, each in properties.items() if "default" in each]
