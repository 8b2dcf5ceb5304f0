"""What the trust rule reads in templates and in other providers' resources, and what it says that it does not read."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from personalize_guardrails.audit import check_text
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction.unknowns import UNKNOWN
from personalize_guardrails.extraction.unread import unread
from personalize_guardrails.policies import pack_policies
from personalize_guardrails.resource_check import check_resource
from personalize_permissions.testing import stack_arguments
from tests.audit.accounts import ACCOUNT, GUARDED, OPEN, trust
from tests.pack.spellings import resource

STACK = "aws:cloudformation/stack:Stack"
[COVERAGE] = [policy for policy in pack_policies() if policy.name == "trust-policy-coverage"]


def role(document: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


def body(*, more: dict[str, Any] | None = None, **resources: Any) -> str:
    return json.dumps({**(more or {}), "Resources": resources})


def kinds(kind: str, **properties: Any) -> list[str]:
    return [finding.kind.value for _, finding in check_resource(kind, "urn", "name", properties, PackConfig()).findings]


INNER = body(Open=role(OPEN))
STACK_SET = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": INNER}}
FUNCTION = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "main.handle"}}
NO_VALUE = {"Ref": "AWS::NoValue"}
PERHAPS = {"Fn::If": ["C", f"arn:aws:iam::{ACCOUNT}:role/r", NO_VALUE]}
GLOBALS = {"Globals": {"Function": {"AssumeRolePolicyDocument": OPEN}}}


@pytest.mark.parametrize(
    ("why", "kind", "properties", "found"),
    [
        ("Terraform's provider in Pulumi", "aws:index/iamRole:IamRole", {"assumeRolePolicy": json.dumps(OPEN)}, 1),
        ("Terraform's other provider", "awscc:index/iamRole:IamRole", {"assumeRolePolicyDocument": json.dumps(OPEN)}, 1),
        ("Terraform's Cloud Control", "aws:index/cloudcontrolapiResource:CloudcontrolapiResource", {"typeName": "AWS::IAM::Role", "desiredState": json.dumps({"AssumeRolePolicyDocument": OPEN})}, 1),
        ("a stack of Terraform's", "aws:index/cloudformationStack:CloudformationStack", {"templateBody": INNER}, 1),
        ("the native extension", "aws-native:index:ExtensionResource", {"type": "AWS::IAM::Role", "properties": {"AssumeRolePolicyDocument": OPEN}}, 1),
        ("a stack of Cloud Control", "aws:cloudcontrol/resource:Resource", {"typeName": "AWS::CloudFormation::Stack", "desiredState": json.dumps({"TemplateBody": INNER})}, 1),
        ("a stack set of Cloud Control", "aws:cloudcontrol/resource:Resource", {"typeName": "AWS::CloudFormation::StackSet", "desiredState": json.dumps({"TemplateBody": INNER, "Parameters": [{"ParameterKey": "A", "ParameterValue": "b"}]})}, 1),
        ("a stack set in a template", STACK, {"templateBody": body(Set=STACK_SET)}, 1),
        ("a stack set in a stack set", STACK, {"templateBody": body(Set={**STACK_SET, "Properties": {"TemplateBody": body(Set=STACK_SET)}})}, 1),
        ("SAM's Globals", STACK, {"templateBody": body(more=GLOBALS, F=FUNCTION)}, 1),
        ("SAM's Globals, no function", STACK, {"templateBody": body(more=GLOBALS, R=role(GUARDED))}, 0),
        ("SAM's Globals, a function with a role", STACK, {"templateBody": body(more=GLOBALS, F={**FUNCTION, "Properties": {"Role": "arn"}})}, 0),
        ("SAM's Globals, a function with a role in one outcome", STACK, {"templateBody": body(more=GLOBALS, F={**FUNCTION, "Properties": {"Role": PERHAPS}})}, 1),
        ("a function with a role in one outcome", STACK, {"templateBody": body(F={**FUNCTION, "Properties": {"AssumeRolePolicyDocument": OPEN, "Role": PERHAPS}})}, 1),
        ("a function with no role after all", STACK, {"templateBody": body(F={**FUNCTION, "Properties": {"AssumeRolePolicyDocument": OPEN, "Role": NO_VALUE}})}, 1),
        ("a function with one role or another", STACK, {"templateBody": body(F={**FUNCTION, "Properties": {"AssumeRolePolicyDocument": OPEN, "Role": {"Fn::If": ["C", "a", "b"]}}})}, 0),
        ("a function whose role and trust policy depend on one condition", STACK, {"templateBody": body(F={**FUNCTION, "Properties": {"AssumeRolePolicyDocument": {"Fn::If": ["C", OPEN, NO_VALUE]}, "Role": PERHAPS}})}, 0),
        ("SAM's Globals joined with the function's own", STACK, {"templateBody": body(more={"Globals": {"Function": {"AssumeRolePolicyDocument": {"Statement": OPEN["Statement"]}}}}, F={**FUNCTION, "Properties": {"AssumeRolePolicyDocument": GUARDED}})}, 1),
    ],
)  # fmt: skip
def test_roles_are_found_wherever_they_are_declared(why: str, kind: str, properties: Any, found: int) -> None:
    assert kinds(kind, **properties) == ["unguarded"] * found, why


OWN = {"Ref": "AWS::AccountId"}
GROUP = {"Type": "AWS::Personalize::DatasetGroup", "Properties": {"Name": "shop"}}
ARN_OF_GROUP = {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Group", "DatasetGroupArn"]}}}


def test_the_arn_of_a_resource_of_the_same_template_is_in_its_account() -> None:
    document = trust({"StringEquals": {"aws:SourceAccount": OWN}}, ARN_OF_GROUP)
    assert kinds(STACK, templateBody=body(Group=GROUP, R=role(document))) == []
    other = json.loads(json.dumps(document).replace("Group", "Other"))
    assert kinds(STACK, templateBody=body(Group=GROUP, R=role(other))) == ["unguarded"]
    foreign = trust({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, ARN_OF_GROUP)
    assert "unguarded" not in kinds(STACK, templateBody=body(Group=GROUP, R=role(foreign)))


TWICE = '{"Type": "AWS::IAM::Role", "Properties": {"Path": "/", "AssumeRolePolicyDocument": %s, %s "Path": "/"}}'


@pytest.mark.parametrize(
    "text",
    [
        f'{{"Resources": {{"R": {json.dumps(role(OPEN))}, "R": {json.dumps(role(GUARDED))}}}}}',
        f'{{"Resources": {{"R": {TWICE % (json.dumps(OPEN), chr(34) + "AssumeRolePolicyDocument" + chr(34) + ": " + json.dumps(GUARDED) + ",")}}}}}',
        f'{{"Resources": {{}}, "Resources": {{"R": {json.dumps(role(GUARDED))}}}}}',
    ],
    ids=["a logical id", "a property", "a section"],
)
def test_a_key_that_appears_twice_around_the_document_is_said(text: str) -> None:
    findings = check_resource(STACK, "urn", "name", {"templateBody": text}, PackConfig()).findings
    assert any("one of its keys appears twice" in finding.message for _, finding in findings)


CLOUD_CONTROL = "aws:cloudcontrol/resource:Resource"
ROLE_TWICE = f'{{"AssumeRolePolicyDocument": {json.dumps(OPEN)}, "AssumeRolePolicyDocument": {json.dumps(GUARDED)}}}'
STACK_TWICE = (
    f'{{"TemplateBody": {json.dumps(body(R=role(OPEN)))}, "TemplateBody": {json.dumps(body(R=role(GUARDED)))}}}'
)
TYPE_TWICE = body(R=role(OPEN)).replace('"AWS::IAM::Role"', '"AWS::IAM::Role", "Type": "AWS::S3::Bucket"')
GLOBALS_TWICE = body(more=GLOBALS, F=FUNCTION).replace('"Globals": {', '"Globals": {"Function": {}, ')
BOTH_PARAMETERS = f'{{"A": {{"Type": "String", "Default": "*"}}, "A": {{"Type": "String", "Default": "{ACCOUNT}"}}}}'
PARAMETER_TWICE = f'{{"Parameters": {BOTH_PARAMETERS}, {body(R=role(GUARDED))[1:]}'
GIVEN_TWICE = f'{{"TemplateBody": {json.dumps(body(R=role(GUARDED)))}, "Parameters": {{"A": "1", "A": "2"}}}}'


@pytest.mark.parametrize(
    ("why", "kind", "properties"),
    [
        ("a desired state", CLOUD_CONTROL, {"typeName": "AWS::IAM::Role", "desiredState": ROLE_TWICE}),
        ("what Cloud Control returned", CLOUD_CONTROL, {"typeName": "AWS::IAM::Role", "desiredState": "{}", "properties": ROLE_TWICE}),
        ("a desired stack", CLOUD_CONTROL, {"typeName": "AWS::CloudFormation::Stack", "desiredState": STACK_TWICE}),
        ("its parameters", CLOUD_CONTROL, {"typeName": "AWS::CloudFormation::Stack", "desiredState": GIVEN_TWICE}),
        ("a type", STACK, {"templateBody": TYPE_TWICE}),
        ("a type in a stack set", STACK, {"templateBody": body(S={"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": TYPE_TWICE}})}),
        ("the defaults of functions", STACK, {"templateBody": GLOBALS_TWICE}),
        ("a parameter", STACK, {"templateBody": PARAMETER_TWICE}),
        ("a desired stack that is no JSON", CLOUD_CONTROL, {"typeName": "AWS::CloudFormation::Stack", "desiredState": "{"}),
    ],
)  # fmt: skip
def test_what_may_hide_a_role_is_a_violation(why: str, kind: str, properties: Any) -> None:
    assert "malformed" in kinds(kind, **properties), why


def test_a_stack_that_is_not_known_yet_is_left_to_the_update() -> None:
    properties = {"typeName": "AWS::CloudFormation::Stack", "desiredState": UNKNOWN}
    assert check_resource(CLOUD_CONTROL, "urn", "name", properties, PackConfig()).undecided


NOT_READ: dict[str, tuple[dict[str, Any], list[str]]] = {
    "everything": ({"templateBody": body(R=role(GUARDED))}, []),
    "serverless": ({"templateBody": body(more={"Transform": "AWS::Serverless-2016-10-31"}, F=FUNCTION)}, []),
    "an address": ({"templateUrl": "https://x"}, ["a template at an address"]),
    "a nested stack": ({"templateBody": body(S={"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "x"}})}, ["a template at an address"]),
    "a macro": ({"templateBody": body(more={"Transform": ["AWS::LanguageExtensions", "Ours"]})}, ["what a macro makes"]),
    "an include": ({"templateBody": body(more={"Mappings": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {}}}})}, ["what AWS::Include inserts"]),
    "a module": ({"templateBody": body(M={"Type": "Our::S3::Bucket::MODULE"})}, ["a module"]),
    "an application": ({"templateBody": body(A={"Type": "AWS::Serverless::Application"})}, ["a serverless application"]),
    "a product": ({"templateBody": body(P={"Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct"})}, ["a product of Service Catalog"]),
    "a nested stack in a loop": ({"templateBody": body(**{"Fn::ForEach::Stacks": ["Name", ["a", "b"], {"S${Name}": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "x"}}}]})}, ["a template at an address"]),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_READ)
def test_what_is_not_read_is_listed(what: str) -> None:
    properties, expected = NOT_READ[what]
    reports: list[str] = []
    COVERAGE.validate(stack_arguments([resource(STACK, **properties)]), lambda message, _: reports.append(message))  # type: ignore[attr-defined]
    assert [message.partition(" does not read ")[2].partition(" (")[0] for message in reports] == expected
    if "templateBody" in properties:
        results = check_text("file", io.StringIO(properties["templateBody"]).read)
        assert [each.skipped.partition(", which")[0] for each in results if each.skipped] == expected


APPLICATION, PRODUCT = "a serverless application", "a product of Service Catalog"


@pytest.mark.parametrize(
    ("kind", "terraform", "what"),
    [
        ("aws:serverlessrepository/cloudFormationStack:CloudFormationStack", "aws_serverlessapplicationrepository_cloudformation_stack", APPLICATION),
        ("aws:index/serverlessapplicationrepositoryCloudformationStack:ServerlessapplicationrepositoryCloudformationStack", "", APPLICATION),
        ("aws:servicecatalog/provisionedProduct:ProvisionedProduct", "aws_servicecatalog_provisioned_product", PRODUCT),
        ("aws-native:servicecatalog:CloudFormationProvisionedProduct", "awscc_servicecatalog_cloudformation_provisioned_product", PRODUCT),
        ("aws:cloudcontrol/resource:Resource", "aws_cloudcontrolapi_resource", PRODUCT),
    ],
)  # fmt: skip
def test_a_resource_whose_template_is_somewhere_else_is_listed(kind: str, terraform: str, what: str) -> None:
    reports: list[str] = []
    own = {"typeName": "AWS::ServiceCatalog::CloudFormationProvisionedProduct", "desiredState": "{}"}
    COVERAGE.validate(stack_arguments([resource(kind, **own)]), lambda message, _: reports.append(message))  # type: ignore[attr-defined]
    [report] = reports
    assert report.startswith(f"The trust rule does not read {what}")
    assert "()" not in report
    resources = [{"urn": "urn::r", "type": kind, "inputs": own}]
    files: list[Any] = [{"deployment": {"resources": resources}}]
    values = {"type_name": own["typeName"], "desired_state": "{}"}
    managed = {"mode": "managed", "type": terraform, "address": "r", "values": values}
    files += [{"terraform_version": "1", "values": {"root_module": {"resources": [managed]}}}] if terraform else []
    for file in files:
        results = check_text("file", io.StringIO(json.dumps(file)).read)
        assert [each.skipped for each in results] == [f"{what}, which is not read"]


def test_a_configuration_that_leaves_personalize_out_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    reports: list[str] = []
    arguments = stack_arguments([], config={"services": ["personalise.amazonaws.com"]})
    COVERAGE.validate(arguments, lambda message, _: reports.append(message))  # type: ignore[attr-defined]
    [report] = reports
    assert "personalize.amazonaws.com is not among them" in report
    (tmp_path / "trust.json").write_text(json.dumps(GUARDED))
    from personalize_guardrails.__main__ import main

    assert main(["check", str(tmp_path / "trust.json"), "--service", "personalise.amazonaws.com"]) == 0
    assert "warning: services: personalize.amazonaws.com is not among them" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "Globals: &a {Function: {Environment: *a}}\nResources: {F: {Type: 'AWS::Serverless::Function', Properties: {Environment: *a}}}",
        "Mappings: &a {A: *a}\nResources: {R: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: *a}}}",
    ],
)
def test_a_template_that_contains_itself_ends(text: str) -> None:
    kinds(STACK, templateBody=text)
    list(unread(STACK, {"templateBody": text}))
