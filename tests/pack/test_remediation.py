"""Remediation: what is written passes the rule, keeps its form, and changes nothing else of the role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi_policy.deserialize import serialize_properties

from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.policies import pack_policies
from personalize_guardrails.resource_check import check_resource
from personalize_permissions.testing import UNKNOWN, Secret, policy_arguments

ACCOUNT = "123456789012"
STATEMENT = {
    "Sid": "Kept",
    "Effect": "Allow",
    "Principal": {"Service": "personalize.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"AWS:SourceAccount": "1*"}},
}
OTHER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
OPEN = {"Version": "2012-10-17", "Id": "Kept", "Statement": [OTHER, STATEMENT]}
CONDITION = {
    **STATEMENT["Condition"],
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{ACCOUNT}:*"},
}
GUARDED = {**OPEN, "Statement": [OTHER, {**STATEMENT, "Condition": CONDITION}]}
[RULE] = [policy for policy in pack_policies() if policy.name == "trust-policy-source-conditions"]
CLASSIC, NATIVE, CONTROL = "aws:iam/role:Role", "aws-native:iam:Role", "aws:cloudcontrol/resource:Resource"


@pytest.fixture(autouse=True)
def region() -> Iterator[None]:
    pulumi.runtime.set_all_config({"aws:region": "eu-west-1", "aws-native:region": "eu-west-1"})
    yield
    pulumi.runtime.set_all_config({})


def remediated(kind: str, properties: dict[str, Any], **config: Any) -> Any:
    """What the engine gets back, in the form that it sends; None where nothing is rewritten."""
    arguments = policy_arguments(kind, properties, config={"accounts": [ACCOUNT], **config}, remediation=True)
    given = RULE.remediate(arguments)  # type: ignore[attr-defined]
    return None if given is None else serialize_properties(given)


def control(role: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"typeName": "AWS::IAM::Role", "desiredState": json.dumps({"RoleName": "r", **role}), **more}


def read(value: Any) -> Any:
    """The value with every text that holds JSON read."""
    if isinstance(value, str) and value.startswith("{"):
        return {"as text": read(json.loads(value))}
    if isinstance(value, dict):
        return {key: read(item) for key, item in value.items()}
    return [read(item) for item in value] if isinstance(value, list) else value


FORMS: dict[str, tuple[str, Any]] = {
    "classic": (CLASSIC, lambda document: {"assumeRolePolicy": json.dumps(document), "description": "kept", "tags": {"a": "b"}}),
    "native, object": (NATIVE, lambda document: {"assumeRolePolicyDocument": document, "roleName": "kept"}),
    "native, text": (NATIVE, lambda document: {"assumeRolePolicyDocument": json.dumps(document), "tags": [{"key": "a"}]}),
    "cloud control, object": (CONTROL, lambda document: control({"AssumeRolePolicyDocument": document, "MaxSessionDuration": 7200})),
    "cloud control of Terraform": ("aws:index/cloudcontrolapiResource:CloudcontrolapiResource", lambda document: control({"AssumeRolePolicyDocument": document})),
    "cloud control, text": (CONTROL, lambda document: control({"AssumeRolePolicyDocument": json.dumps(document)}, roleArn="kept")),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_conditions_are_written_and_nothing_else_changes(form: str) -> None:
    kind, written = FORMS[form]
    after = remediated(kind, written(OPEN))
    config = PackConfig.read({"accounts": [ACCOUNT]})
    assert check_resource(kind, "urn", "name", written(OPEN), config).findings != ()
    assert check_resource(kind, "urn", "name", after, config).findings == ()
    assert read(after) == read(written(GUARDED))
    assert remediated(kind, after) is None


@pytest.mark.parametrize(
    ("kind", "properties", "field"),
    [
        (CLASSIC, {"assumeRolePolicy": Secret(json.dumps(OPEN)), "description": Secret("veiled")}, "assumeRolePolicy"),
        (NATIVE, {"assumeRolePolicyDocument": {**OPEN, "Id": Secret("Kept")}, "description": Secret("veiled")}, "assumeRolePolicyDocument"),
        (CONTROL, {"typeName": "AWS::IAM::Role", "desiredState": Secret(json.dumps({"AssumeRolePolicyDocument": OPEN})), "roleArn": Secret("veiled")}, "desiredState"),
    ],
    ids=["classic", "native", "cloud control"],
)  # fmt: skip
def test_secrets_stay_secret(kind: str, properties: dict[str, Any], field: str) -> None:
    after = remediated(kind, properties)
    marked = [name for name, value in after.items() if isinstance(value, dict) and "value" in value]
    assert sorted(marked) == sorted(name for name in properties if name != "typeName")
    assert "123456789012:*" in json.dumps(after[field]["value"])


TWICE = json.dumps(OPEN).replace('"Version"', '"Id": "Lost", "Version"')


@pytest.mark.parametrize(
    ("why", "kind", "properties"),
    [
        ("guarded already", CLASSIC, {"assumeRolePolicy": json.dumps(GUARDED).replace("1*", ACCOUNT)}),
        ("not known yet", CLASSIC, {"assumeRolePolicy": UNKNOWN}),
        ("known in part", NATIVE, {"assumeRolePolicyDocument": {**OPEN, "Statement": [{**STATEMENT, "Condition": UNKNOWN}, STATEMENT]}}),
        ("no trust policy", NATIVE, {"roleName": "r"}),
        ("a key twice", CLASSIC, {"assumeRolePolicy": TWICE}),
        ("a key twice around it", CONTROL, {"typeName": "AWS::IAM::Role", "desiredState": json.dumps({"Path": "/", "AssumeRolePolicyDocument": OPEN}).replace("{", '{"Path": "/a/", ', 1)}),
        ("imported", CONTROL, {"typeName": "AWS::IAM::Role", "properties": json.dumps({"AssumeRolePolicyDocument": OPEN})}),
        ("only returned", CONTROL, control({}, properties=json.dumps({"AssumeRolePolicyDocument": OPEN}))),
        ("no JSON", CONTROL, {"typeName": "AWS::IAM::Role", "desiredState": "{"}),
        ("no object", CONTROL, {"typeName": "AWS::IAM::Role", "desiredState": "[]"}),
        ("another type", CONTROL, {"typeName": "AWS::S3::Bucket", "desiredState": "{}"}),
        ("malformed", CLASSIC, {"assumeRolePolicy": "{}"}),
        ("service-linked", CLASSIC, {"assumeRolePolicy": json.dumps(OPEN), "path": "/aws-service-role/x/"}),
        ("in a template", "aws:cloudformation/stack:Stack", {"templateBody": json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": OPEN}}}})}),
    ],
)  # fmt: skip
def test_what_cannot_be_written_exactly_is_left_alone(why: str, kind: str, properties: dict[str, Any]) -> None:
    assert remediated(kind, properties) is None, why


EVERYBODY = {"Version": "2012-10-17", "Statement": [{**OTHER, "Principal": "*"}]}
RETURNED = json.dumps({"AssumeRolePolicyDocument": OPEN})


@pytest.mark.parametrize(
    ("why", "kind", "properties"),
    [
        ("more than its conditions must change; correct the trust policy by hand", CLASSIC, {"assumeRolePolicy": "{}"}),
        ("more than its conditions must change", CLASSIC, {"assumeRolePolicy": TWICE}),
        ("more than its conditions must change", CLASSIC, {"assumeRolePolicy": json.dumps(EVERYBODY)}),
        (
            "desiredState has no AssumeRolePolicyDocument; write the trust policy there",
            CONTROL,
            control({}, properties=RETURNED),
        ),
        (
            "it has no desiredState; write the role's properties there",
            CONTROL,
            {"typeName": "AWS::IAM::Role", "properties": RETURNED},
        ),
    ],
)
def test_a_violation_says_what_to_do_where_conditions_are_not_enough(
    why: str, kind: str, properties: dict[str, Any]
) -> None:
    pulumi.runtime.set_all_config({"aws:region": "eu-west-1"})
    assert remediated(kind, properties) is None
    messages: list[str] = []
    arguments = policy_arguments(kind, properties, config={"accounts": [ACCOUNT]})
    RULE.validate(arguments, lambda message, _: messages.append(message))  # type: ignore[attr-defined]
    assert f"It is not remediated: {why}" in messages[0]


def test_an_exempted_role_is_let_be_until_its_day() -> None:
    exemption = {"name": "resource", "reason": "moves", "expires": "2999-12-31"}
    role = {"assumeRolePolicy": json.dumps(OPEN)}
    assert remediated(CLASSIC, role, exemptions=[exemption]) is None
    assert remediated(CLASSIC, role, exemptions=[{**exemption, "expires": "2020-01-01"}]) is not None


@pytest.mark.parametrize(
    ("why", "kind", "config", "region"),
    [
        ("`accounts` of the configuration does not name exactly one account", CLASSIC, {"accounts": None}, "us-east-1"),
        (
            "`accounts` of the configuration does not name",
            CLASSIC,
            {"accounts": [ACCOUNT, "210987654321"]},
            "us-east-1",
        ),
        ("the region is known to the provider only, from its environment; set aws:region", CLASSIC, {}, None),
        ("the pack does not change templates", "aws:cloudformation/stack:Stack", {}, "us-east-1"),
    ],
)
def test_a_violation_says_why_it_is_not_remediated(
    why: str, kind: str, config: dict[str, Any], region: str | None
) -> None:
    pulumi.runtime.set_all_config({"aws:region": region} if region else {})
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": OPEN}}}}
    properties = {"templateBody": json.dumps(template)} if "Stack" in kind else {"assumeRolePolicy": json.dumps(OPEN)}
    assert remediated(kind, properties, **config) is None
    messages: list[str] = []
    for remediating in (True, False):
        arguments = policy_arguments(
            kind, properties, config={"accounts": [ACCOUNT], **config}, remediation=remediating
        )
        if remediating:
            RULE.remediate(arguments)  # type: ignore[attr-defined]
        else:
            RULE.validate(arguments, lambda message, _: messages.append(message))  # type: ignore[attr-defined]
    assert len(messages) == 1
    assert f"It is not remediated: {why}" in messages[0]
    RULE.validate(arguments, lambda message, _: messages.append(message))  # type: ignore[attr-defined]
    assert "It is not remediated" not in messages[1]  # where the level is another one, nothing is said of it
