"""What a template leaves open: parameters without values or to be looked up, and what transforms insert."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from personalize_guardrails.audit import check_text
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.resource_check import check_resource
from tests.audit.accounts import ACCOUNT, ALLOW, OPEN, PINS_ACCOUNT, PINS_ARN, trust
from tests.pack.test_coverage import STACK, body, role

PARAMETER = {
    "Parameters": {
        "P": {"Type": "String"},
        "Q": {"Type": "String", "AllowedValues": ["ec2", "lambda"]},
        "L": {"Type": "CommaDelimitedList", "AllowedValues": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
        "R": {"Type": "String", "AllowedValues": ["ec2", "personalize"]},
    }
}
SUB = {"Fn::Sub": "arn:aws:iam::${P}:root"}


def allow(principal: Any, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}


@pytest.mark.parametrize(
    ("why", "document", "matters"),
    [
        ("another account", allow({"AWS": SUB}), False),
        ("an identity provider", allow({"Federated": SUB}, StringEquals={"token:aud": {"Ref": "P"}}), False),
        ("another service", allow({"Service": "ec2.amazonaws.com"}, StringEquals={"aws:SourceAccount": {"Ref": "P"}}), False),
        ("guarded whatever it is", trust(PINS_ACCOUNT, {"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNT}:*"}}, {"StringLike": {"aws:x": {"Ref": "P"}}}), False),
        ("one of several other services", allow({"Service": {"Fn::Sub": "${Q}.amazonaws.com"}}), False),
        ("one of several services", allow({"Service": {"Fn::Sub": "${R}.amazonaws.com"}}), True),
        ("several of several services", allow({"Service": {"Ref": "L"}}), True),
        ("one of several services, guarded", trust(PINS_ACCOUNT, PINS_ARN, Principal={"Service": {"Fn::Sub": "${R}.amazonaws.com"}}), False),
        ("the account", trust({"StringEquals": {"aws:SourceAccount": {"Ref": "P"}}, "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:personalize:*:${P}:*"}}}), True),
        ("the service", allow({"Service": {"Ref": "P"}}), True),
    ],
)  # fmt: skip
def test_a_parameter_without_a_value_matters_where_it_can_let_personalize_in(
    why: str, document: Any, matters: bool
) -> None:
    template = body(more=PARAMETER, R=role(document))
    [result] = check_text("file", io.StringIO(template).read)
    assert bool(result.fault) is matters, why
    if matters:
        name = "R" if "${R}" in template else "L" if '"Ref": "L"' in template else "P"
        assert f"depends on {name}, without a value; give --parameter {name}=VALUE" in result.fault


def test_a_parameter_on_the_command_line_answers() -> None:
    document = trust({"StringEquals": {"aws:SourceAccount": {"Ref": "P"}}, "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:personalize:*:${P}:*"}}})  # fmt: skip
    template = body(more=PARAMETER, R=role(document))
    [result] = check_text("file", io.StringIO(template).read, None, {"P": ACCOUNT})
    assert (result.fault, result.findings) == ("", ())


LOOKED_UP = {"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/shop/account"}}}
OF_P = trust(
    {"StringEquals": {"aws:SourceAccount": {"Ref": "P"}}, "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:personalize:*:${P}:*"}}}
)  # fmt: skip


def test_a_parameter_that_is_looked_up_is_named_and_the_command_line_answers() -> None:
    [(_, finding)] = check_resource(
        STACK, "urn", "name", {"templateBody": body(more=LOOKED_UP, R=role(OF_P))}, PackConfig()
    ).findings
    assert finding.kind.value == "unguarded"
    assert finding.message.endswith(
        "It depends on P, which CloudFormation looks up; run the audit with --parameter P=VALUE to check it."
    )
    resource = {"urn": "urn::s", "type": STACK, "inputs": {"templateBody": body(more=LOOKED_UP, R=role(OF_P)), "parameters": {"P": "/other"}}}  # fmt: skip
    for text in (body(more=LOOKED_UP, R=role(OF_P)), json.dumps({"deployment": {"resources": [resource]}})):
        for answer, violates in ((ACCOUNT, False), ("*", True), ("", True)):
            parameters = {"P": answer} if answer else None
            [result] = check_text("file", io.StringIO(text).read, PackConfig.read({"accounts": [ACCOUNT]}), parameters)
            assert bool(result.findings) is violates


INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/t.json"}}}
FROM_MAP = {"Fn::FindInMap": ["Env", "prod", "account"]}


@pytest.mark.parametrize(
    ("why", "template", "certain"),
    [
        ("the document", {"R": role(INCLUDE)}, 0),
        ("beside members of the document", {"R": role({"Version": "2012-10-17", **INCLUDE})}, 0),
        ("the statements", {"R": role({"Statement": INCLUDE})}, 0),
        ("beside an open statement", {"R": role({"Statement": [*OPEN["Statement"], {**ALLOW, "Condition": INCLUDE}]})}, 1),
        ("a condition on one key is missing", {"R": role(trust({"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:x": INCLUDE}}))}, 1),
        ("the properties", {"R": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/", **INCLUDE}}}, 0),
        ("beside the type", {"R": {"Type": "AWS::IAM::Role", **INCLUDE}}, 0),
        ("a mapping", {"R": role(trust({"StringEquals": {"aws:SourceAccount": FROM_MAP}, **PINS_ARN}))}, 0),
    ],
)  # fmt: skip
def test_what_a_transform_inserts_is_a_fault_of_the_audit_and_never_passes_the_pack(
    why: str, template: dict[str, Any], certain: int
) -> None:
    text = body(more={"Mappings": {"Env": INCLUDE}} if why == "a mapping" else None, **template)
    [result, *listed] = check_text("file", io.StringIO(text).read)
    assert result.fault.startswith("a transform inserts a part of its trust policy, which is not read"), why
    assert [finding.kind.value for finding in result.findings] == ["unguarded"] * certain, why
    assert {each.skipped for each in listed} == {"what AWS::Include inserts, which is not read"}
    check = check_resource(STACK, "urn", "name", {"templateBody": text}, PackConfig())
    assert "malformed" in [finding.kind.value for _, finding in check.findings], why
    assert not check.undecided  # the update will not know it either
