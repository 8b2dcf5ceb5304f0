"""What CloudFormation makes of its functions, parameters and mappings: none hides an open role, none spoils a guarded one."""

from __future__ import annotations

import json

import pytest

from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.resource_check import ResourceCheck, check_resource

ACCOUNT = "123456789012"
STACK, STACK_SET = "aws:cloudformation/stack:Stack", "aws-native:cloudformation:StackSet"
OPEN, MALFORMED = ["unguarded"], ["malformed"]


def document(
    service: str = "personalize.amazonaws.com", account: str = "", arn: str = "", version: str = "2012-10-17"
) -> str:
    """A trust policy in YAML's flow; without an account it is open."""
    statement = f"Effect: Allow, Principal: {{Service: {service}}}, Action: 'sts:AssumeRole'"
    arn = arn or f"!Sub ['arn:aws:personalize:*:${{A}}:*', {{A: {account}}}]"
    condition = f", Condition: {{StringLike: {{'aws:SourceAccount': {account}, 'aws:SourceArn': {arn}}}}}"
    return f"{{Version: {version}, Statement: [{{{statement}{condition if account else ''}}}]}}"


def checked(written: str, sections: str = "", given: object = None, kind: str = STACK) -> ResourceCheck:
    role = f"Resources: {{Role: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {written}}}}}}}"
    body = role if written.startswith("{") else written
    return check_resource(
        kind, "urn", "name", {"templateBody": f"{sections}\n{body}", "parameters": given}, PackConfig()
    )


MAPPINGS = "Mappings: {Env: {prod: {account: '123456789012', service: personalize.amazonaws.com}}}"
PLACES = "Mappings: {Place: {us-east-1: {service: ec2.amazonaws.com}, eu-west-1: {service: personalize.amazonaws.com}}}"

PARTITIONS = "Mappings: {Place: {service: {aws: ec2.amazonaws.com, aws-cn: personalize.amazonaws.com}}}"


def parameter(kind: str, default: str = "") -> str:
    return f"Parameters: {{P: {{Type: {kind}{f', Default: {default}' if default else ''}}}}}"


@pytest.mark.parametrize(
    ("why", "written", "sections", "kinds"),
    [
        ("a mapping knows the account", document(account="!FindInMap [Env, prod, account]"), MAPPINGS, []),
        ("a mapping knows the service", document("!FindInMap [Env, prod, service]"), MAPPINGS, OPEN),
        ("in one region it is another service", document("!FindInMap [Place, !Ref AWS::Region, service]"), PLACES, OPEN),
        ("in one partition it is another service", document("!FindInMap [Place, service, !Ref AWS::Partition]"), PARTITIONS, OPEN),
        ("a list of services", document("!Ref P"), parameter("CommaDelimitedList", "'ec2.amazonaws.com, personalize.amazonaws.com'"), OPEN),
        ("a list of accounts", document(account="!Ref P", arn="'arn:aws:personalize:*:123456789012:*'"), parameter("CommaDelimitedList", "'123456789012,210987654321'"), []),
        ("an account without quotes", document(account="!Ref P"), parameter("String", ACCOUNT), []),
        ("one of a list", document("!Select [1, [ec2.amazonaws.com, personalize.amazonaws.com]]"), "", OPEN),
        ("a part of a text", document("!Select ['0', !Split [';', 'personalize.amazonaws.com;x']]"), "", OPEN),
        ("its own account, in figures too", document(account=f"'{ACCOUNT}'", arn="!Sub 'arn:aws:personalize:*:${AWS::AccountId}:*'"), "", []),
    ],
)  # fmt: skip
def test_what_the_template_knows_is_checked(why: str, written: str, sections: str, kinds: list[str]) -> None:
    check = checked(written, sections)
    assert [finding.kind.value for _, finding in check.findings] == kinds, why
    assert not check.undecided


LOOKED_UP = "'{{resolve:ssm:/shop/x}}'"


@pytest.mark.parametrize(
    ("why", "written", "sections", "kinds"),
    [
        ("a service that is looked up", document(LOOKED_UP), "", MALFORMED),
        ("a service of another stack", document("!ImportValue service"), "", MALFORMED),
        ("a parameter that is a name", document("!Ref P"), parameter("'AWS::SSM::Parameter::Value<String>'", "/shop/x"), MALFORMED),
        ("an account that is looked up", document(account=LOOKED_UP), "", OPEN),
        ("an account of another stack, old version", document(account="!ImportValue a", version="'2008-10-17'"), "", OPEN),
    ],
)  # fmt: skip
def test_what_only_cloudformation_knows_never_passes(why: str, written: str, sections: str, kinds: list[str]) -> None:
    assert [finding.kind.value for _, finding in checked(written, sections).findings] == kinds, why


@pytest.mark.parametrize("written", [document("!Ref P"), document(account="!Ref P")], ids=["service", "account"])
def test_a_parameter_without_a_value_is_decided_when_it_has_one(written: str) -> None:
    assert checked(written, parameter("String")) == ResourceCheck(undecided=True)


def test_the_parameters_of_a_native_stack_set_are_a_list() -> None:
    given = [{"parameterKey": "P", "parameterValue": "personalize.amazonaws.com"}]
    [(_, finding)] = checked(document("!Ref P"), parameter("String", "ec2.amazonaws.com"), given, STACK_SET).findings
    assert finding.kind.value == "unguarded"


PINNED = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNT}:*"},
}
PIN = f'"Condition": {json.dumps(PINNED)}'


@pytest.mark.parametrize(
    ("conditions", "kinds"), [(f'"Condition": {{}}, {PIN}', MALFORMED), (PIN, [])], ids=["twice", "once"]
)
def test_a_condition_that_stands_twice_guards_nothing(conditions: str, kinds: list[str]) -> None:
    statement = f'{{"Effect": "Allow", "Principal": {{"Service": "personalize.amazonaws.com"}}, "Action": "sts:AssumeRole", {conditions}}}'
    role = f'{{"AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [{statement}]}}}}'
    resources = f'{{"Role": {{"Type": "AWS::IAM::Role", "Properties": {role}}}}}'
    for kind, properties in (
        ("aws:cloudcontrol/resource:Resource", {"typeName": "AWS::IAM::Role", "desiredState": role}),
        (STACK, {"templateBody": f'{{"Resources": {resources}}}'}),
        (STACK, {"templateBody": f"Resources: {resources}"}),
    ):
        found = check_resource(kind, "urn", "name", properties, PackConfig()).findings
        assert [finding.kind.value for _, finding in found] == kinds


LOOP = f"""
Resources:
  Fn::ForEach::Roles:
  - Name
  - [A, B]
  - Role${{Name}}: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {document()}}}}}
"""
SERVERLESS = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Own: {{Type: 'AWS::Serverless::Function', Properties: {{AssumeRolePolicyDocument: {document()}}}}}
  Usual: {{Type: 'AWS::Serverless::Function', Properties: {{Handler: main.handle}}}}
"""


@pytest.mark.parametrize(
    ("body", "place"), [(LOOP, "Fn::ForEach::Roles.Role${Name}"), (SERVERLESS, "Own")], ids=["a loop", "a function"]
)
def test_roles_that_a_transform_makes_are_found(body: str, place: str) -> None:
    [(path, finding)] = checked(body).findings
    assert path == f"templateBody.Resources.{place}.Properties.AssumeRolePolicyDocument"
    assert finding.kind.value == "unguarded"


def test_a_short_template_does_not_become_a_long_one() -> None:
    joined = f"!Join ['{'x' * 10_000}', [{', '.join('a' * 9_000)}]]"
    [(_, finding)] = checked(document(joined)).findings
    assert finding.message == "The trust policy cannot be checked: it is larger than AWS accepts."


@pytest.mark.parametrize(
    ("account", "written"),
    [
        ("!Ref AWS::AccountId", '!Sub "arn:${AWS::Partition}:personalize:${AWS::Region}:${AWS::AccountId}:*"'),
        ('!Join ["", [!Ref AWS::AccountId]]', "!Join"),
        ('{"Ref": "AWS::AccountId"}', '!Sub "arn:${AWS::Partition}:personalize:${AWS::Region}:${AWS::AccountId}:*"'),
    ],
)
def test_a_remedy_is_in_the_language_of_the_template(account: str, written: str) -> None:
    condition = f"Condition: {{StringEquals: {{'aws:SourceAccount': {account}}}}}"
    statement = (
        f"Effect: Allow, Principal: {{Service: personalize.amazonaws.com}}, Action: 'sts:AssumeRole', {condition}"
    )
    [(_, finding)] = checked(f"{{Version: '2012-10-17', Statement: [{{{statement}}}]}}").findings
    assert written in finding.message
    assert "000000000000" not in finding.message
    assert "assume the role for the stack's own account" in finding.message
