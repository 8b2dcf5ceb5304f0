"""Every kind of file that the audit reads: what is checked in it, where that is, and what is said of the rest."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from personalize_guardrails.audit import Result, check_files, check_text
from tests.audit.accounts import ACCOUNT, GUARDED, OPEN, trust

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def audit(content: Any) -> list[Result]:
    text = content if isinstance(content, str) else json.dumps(content)
    return list(check_text("file", io.StringIO(text).read))


def verdicts(results: list[Result]) -> dict[str, str]:
    """Name and verdict of each result: `open`, `fine`, or the beginning of the fault."""
    return {each.name: each.fault or each.skipped or ("open" if each.violates else "fine") for each in results}


def role(name: str, document: Any, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return {"RoleName": name, "Path": "/", "Arn": arn, "AssumeRolePolicyDocument": document, **more}


def terraform(name: str, document: Any, **more: Any) -> dict[str, Any]:
    values = {"name": name, "assume_role_policy": document and json.dumps(document)}
    kind = {"mode": "managed", "type": "aws_iam_role", "name": name}
    return {**kind, "address": f"aws_iam_role.{name}", "values": values, **more}


def instance(document: Any, **more: Any) -> dict[str, Any]:
    return {"attributes": {"assume_role_policy": json.dumps(document)}, **more}


def pulumi(name: str, document: Any, section: str = "inputs") -> dict[str, Any]:
    kind = "aws:iam/role:Role"
    return {"urn": f"urn:pulumi:s::p::{kind}::{name}", "type": kind, section: {"assumeRolePolicy": document}}


def template(**roles: Any) -> dict[str, Any]:
    return {
        "Resources": {
            name: {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
            for name, document in roles.items()
        }
    }


def serverless(resources: Any) -> str:
    return f"# YAML\nservice: s\nprovider: {{name: aws}}\nresources: {json.dumps(resources)}\n"


BOTH = {"open": "open", "fine": "fine"}
ROLES = [role("open", OPEN), role("fine", GUARDED)]
TEXT = json.dumps(OPEN)
ELSEWHERE = "it depends on other files or variables; check the template that `serverless package` writes"
NO_DOCUMENT = "its trust policy is missing; export assumeRolePolicyDocument too"
CUT_OFF = "the export is cut off here, and what follows it is missing; export every page"
DATA = {"mode": "data", "type": "aws_iam_policy_document", "name": "d", "address": "data.d", "values": {"json": TEXT}}
CASES: list[tuple[str, Any, dict[str, str]]] = [
    ("list-roles", {"Roles": ROLES}, BOTH),
    ("get-role", {"Role": role("open", OPEN)}, {"open": "open"}),
    ("a role by --query", role("open", OPEN), {"open": "open"}),
    ("roles by --query", ROLES, BOTH),
    ("combined pages", [{"Roles": ROLES[:1], "IsTruncated": True}, {"Roles": ROLES[1:]}], BOTH),
    ("pages in lists", [ROLES[:1], ROLES[1:]], BOTH),
    ("names and documents by --query", [["open", OPEN], ["fine", GUARDED]], BOTH),
    ("other names by --query", [{"n": "open", "t": OPEN}, {"n": "fine", "t": GUARDED}], BOTH),
    ("documents by --query", [OPEN], {"trust policy": "open"}),
    ("documents of the API", {"Roles": [role("open", quote(TEXT))]}, {"open": "open"}),
    ("roles in JSON lines", "\n".join(map(json.dumps, ROLES)), BOTH),
    ("pages in JSON lines", "\n".join(json.dumps({"RoleDetailList": [each]}) for each in ROLES), BOTH),
    ("policies in JSON lines", f"{TEXT}\n{json.dumps(GUARDED)}\n", {"trust policy": "fine"}),
    ("an identity policy is none", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow"}]}}, {"": "the audit does not recognize it"}),
    ("an export", {"deployment": {"resources": [pulumi("open", TEXT)]}}, {"open": "open"}),
    ("a checkpoint", {"version": 3, "checkpoint": {"stack": "s", "latest": {"resources": [pulumi("open", TEXT)]}}}, {"open": "open"}),
    ("a preview", {"steps": [{"op": "create", "newState": pulumi("open", TEXT)}, {"op": "delete", "oldState": pulumi("gone", TEXT)}]}, {"open": "open"}),
    ("a preview that does not know yet", {"steps": [{"newState": pulumi("late", UNKNOWN)}]}, {"late": "its trust policy is encrypted, or partly unknown; export the stack with --show-secrets"}),
    ("a preview with a secret", {"steps": [{"newState": pulumi("veiled", "[secret]")}]}, {"veiled": "its trust policy is encrypted, or partly unknown; export the stack with --show-secrets"}),
    ("a plan", {"format_version": "1.2", "terraform_version": "1.9", "planned_values": {"root_module": {"resources": [terraform("open", OPEN), DATA], "child_modules": [{"address": "module.m", "resources": [{**terraform("fine", GUARDED), "address": "module.m.aws_iam_role.fine[0]"}], "child_modules": [{"resources": [{**terraform("inner", OPEN), "address": "module.m.module.n.aws_iam_role.inner"}]}]}]}}}, {"aws_iam_role.open": "open", "module.m.aws_iam_role.fine[0]": "fine", "module.m.module.n.aws_iam_role.inner": "open"}),
    ("a plan that does not know yet", {"terraform_version": "1.9", "planned_values": {"root_module": {"resources": [terraform("late", None)]}}}, {"aws_iam_role.late": "its trust policy is known only after apply; check the state then"}),
    ("a state", {"format_version": "1.0", "terraform_version": "1.9", "values": {"root_module": {"resources": [terraform("open", OPEN)]}}}, {"aws_iam_role.open": "open"}),
    ("a state file", {"version": 4, "terraform_version": "1.9", "resources": [{"mode": "managed", "module": "module.m", "type": "aws_iam_role", "name": "r", "instances": [instance(OPEN, index_key="a"), instance(GUARDED, index_key=1)]}, {"mode": "managed", "type": "awscc_iam_role", "name": "cc", "instances": [{"attributes": {"assume_role_policy_document": TEXT}}]}]}, {'module.m.aws_iam_role.r["a"]': "open", "module.m.aws_iam_role.r[1]": "fine", "awscc_iam_role.cc": "open"}),
    ("a stack of Terraform", {"terraform_version": "1", "values": {"root_module": {"resources": [{"mode": "managed", "type": "aws_cloudformation_stack", "address": "s", "values": {"template_body": json.dumps(template(Open=OPEN))}}]}}}, {"Open": "open"}),
    ("get-template", {"TemplateBody": template(Open=OPEN, Fine=GUARDED), "StagesAvailable": []}, {"Open": "open", "Fine": "fine"}),
    ("get-template of YAML", {"TemplateBody": f"Resources:\n  Open: {json.dumps(template(Open=OPEN)['Resources']['Open'])}\n"}, {"Open": "open"}),
    ("serverless.yml", f"service: s\nprovider: {{name: aws}}\nresources: {json.dumps(template(Open=OPEN))}\n", {"Open": "open"}),
    ("serverless.yml with other files", f"service: s\nprovider: {{name: aws}}\nresources:\n  - ${{file(x.yml)}}\n  - {json.dumps(template(Open=OPEN))}\n", {"resources[0]": ELSEWHERE, "Open": "open"}),
    ("serverless.yml that extends roles", serverless({"extensions": {"IamRoleLambdaExecution": {"Properties": {"AssumeRolePolicyDocument": OPEN}}, "HelloLambdaFunction": {"Properties": {"Timeout": 3}}}}), {"IamRoleLambdaExecution": "open"}),
    ("serverless.yml with extensions elsewhere", serverless({"extensions": {"IamRoleLambdaExecution": "${file(r.yml)}"}}), {"IamRoleLambdaExecution": ELSEWHERE}),
    ("serverless.yml with a resource elsewhere", serverless({"Resources": {"R": "${file(r.yml)}", **template(Open=OPEN)["Resources"]}}), {"R": ELSEWHERE, "Open": "open"}),
    ("serverless.yml with resources elsewhere", serverless({"Resources": "${file(r.yml)}"}), {"": ELSEWHERE}),
    ("serverless.yml with properties elsewhere", serverless({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": "${file(r.yml)}"}, "B": {"Type": "AWS::S3::Bucket", "Properties": "${file(b.yml)}"}}}), {"R": ELSEWHERE}),
    ("serverless.yml with a document elsewhere", serverless(template(R="${file(t.json)}", Q={**OPEN, "Statement": "${self:custom.statements}"})), {"R": ELSEWHERE, "Q": ELSEWHERE}),
    ("serverless.yml with a service elsewhere", serverless(template(R=trust(Principal={"Service": "${opt:service, 'ec2.amazonaws.com'}"}))), {"R": ELSEWHERE}),
    ("serverless.yml with references of CloudFormation", serverless(template(Fine=trust({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:personalize:*:${AWS::AccountId}:*"}}}))), {"Fine": "fine"}),
    ("a file of resources for serverless.yml", "Resources:\n  R: ${file(r.yml)}\n", {"R": "open"}),
    ("a Serverless configuration in JSON", {"service": "s", "provider": {}, "resources": ["${file(r.yml)}", template(Open=OPEN)]}, {"resources[0]": ELSEWHERE, "Open": "open"}),
    ("a trust policy in YAML", "Version: '2012-10-17'\nStatement:\n- Effect: Allow\n  Principal: {Service: personalize.amazonaws.com}\n  Action: sts:AssumeRole\n", {"trust policy": "open"}),
    ("a selection of AWS Config", {"Results": [json.dumps({"resourceName": "open", "resourceType": "AWS::IAM::Role", "accountId": ACCOUNT, "configuration": {"assumeRolePolicyDocument": quote(TEXT)}}), json.dumps({"resourceType": "AWS::S3::Bucket"})]}, {"open": "open"}),
    ("a selection of AWS Config without documents", {"Results": ['{"resourceName": "r", "resourceType": "AWS::IAM::Role"}', '{"resourceName": "what"}', "{"]}, {"r": NO_DOCUMENT, "what": NO_DOCUMENT, "": "an item is not a JSON object"}),
    ("a misspelled --query", {"Roles": None}, {"": "Roles is not a list; export all of it"}),
    ("a misspelled --query of each role", [[None], [None]], {"": "the audit does not recognize it"}),
    ("an export whose resources are none", {"deployment": {"resources": {"a": 1}}}, {"": "deployment.resources is not a list; export all of it"}),
    ("a Terraform module whose resources are none", {"terraform_version": "1", "values": {"root_module": {"child_modules": [{"resources": 1.5}]}}}, {"": "resources of a module is not a list; export all of it"}),
    ("a snapshot of AWS Config whose members are none", {"configurationItems": [{"resourceType": {}, "configurationItemStatus": []}]}, {}),
    ("a Terraform role without values", {"terraform_version": "1", "values": {"root_module": {"resources": [{"mode": "managed", "type": "aws_iam_role", "address": "r"}]}}}, {"r": "its trust policy is known only after apply; check the state then"}),
    ("a state file with flat attributes", {"version": 4, "terraform_version": "1", "resources": [{"mode": "managed", "type": "aws_iam_role", "name": "r", "instances": [{"attributes_flat": {"assume_role_policy": TEXT}}]}]}, {"aws_iam_role.r": "open"}),
    ("an imported role of Cloud Control", {"deployment": {"resources": [{"urn": "urn::open", "type": "aws:cloudcontrol/resource:Resource", "outputs": {"typeName": "AWS::IAM::Role", "properties": json.dumps({"AssumeRolePolicyDocument": OPEN})}}]}}, {"open": "open"}),
    ("a resource of a template that is none", {"Resources": {"R": None}}, {"R": "open"}),
    ("names of roles by --query", {"Roles": ["r", ["s"]]}, {"r": "it is not a whole role; leave out `--query`", "": "it is not a whole role; leave out `--query`"}),
    ("get-template without a template", {"TemplateBody": None, "StagesAvailable": []}, {"": "its TemplateBody is missing"}),
    ("a snapshot of AWS Config", {"fileVersion": "1.0", "configurationItems": [{"resourceType": "AWS::IAM::Role", "resourceName": "open", "ARN": f"arn:aws:iam::{ACCOUNT}:role/open", "configuration": {"roleName": "open", "assumeRolePolicyDocument": quote(TEXT)}}, {"resourceType": "AWS::IAM::Role", "resourceName": "gone", "configurationItemStatus": "ResourceDeleted"}]}, {"open": "open"}),
    ("Cloud Control", {"TypeName": "AWS::IAM::Role", "ResourceDescription": {"Identifier": "open", "Properties": json.dumps({"AssumeRolePolicyDocument": OPEN})}}, {"open": "open"}),
    ("a list of Cloud Control", {"TypeName": "AWS::IAM::Role", "ResourceDescriptions": [{"Identifier": "open", "Properties": json.dumps({"AssumeRolePolicyDocument": OPEN})}]}, {"open": "open"}),
    ("a role whose key appears twice", json.dumps({"Roles": ROLES[:1]}).replace('"Path"', f'"AssumeRolePolicyDocument": {json.dumps(GUARDED)}, "Path"'), {"open": "one of its keys appears twice, and which of them counts is not known"}),
    ("an export that is cut off", {"Roles": ROLES[1:], "IsTruncated": True}, {"fine": "fine", "": CUT_OFF}),
    ("an export that is cut off, by its marker", {"Roles": ROLES[1:], "Marker": "x"}, {"fine": "fine", "": CUT_OFF}),
    ("an export in YAML that is cut off", f"IsTruncated: true\nRoles: {json.dumps(ROLES[1:])}\n", {"fine": "fine", "": CUT_OFF}),
    ("pages in a YAML stream", f"- IsTruncated: true\n  Roles: {json.dumps(ROLES[:1])}\n- Roles: {json.dumps(ROLES[1:])}\n", BOTH),
    ("pages that follow each other", f"{json.dumps({'Roles': ROLES[:1], 'IsTruncated': True, 'Marker': 'x'})}\n{json.dumps({'Roles': ROLES[1:], 'IsTruncated': False})}", BOTH),
    ("a page that is cut off before another account", "\n".join([json.dumps({"Roles": ROLES[1:], "IsTruncated": True}), json.dumps({"Roles": [{**ROLES[0], "Arn": "arn:aws:iam::210987654321:role/open"}]})]), {"fine": "fine", "open": "open", "": CUT_OFF}),
    ("a page that is cut off before another kind of file", "\n".join([json.dumps({"Roles": ROLES[1:], "IsTruncated": True}), json.dumps({"RoleDetailList": ROLES[:1]})]), {"fine": "fine", "open": "open", "": CUT_OFF}),
    ("a list of Cloud Control without documents", {"TypeName": "AWS::IAM::Role", "ResourceDescriptions": [{"Identifier": "r", "Properties": '{"RoleName": "r"}'}]}, {"r": "its AssumeRolePolicyDocument is missing; check what `aws cloudcontrol get-resource` returns"}),
    ("a stack of Cloud Control without its template", {"TypeName": "AWS::CloudFormation::Stack", "ResourceDescription": {"Identifier": "s", "Properties": "{}"}}, {"s": "its TemplateBody is missing; check what `aws cloudcontrol get-resource` returns"}),
    ("a bucket of Cloud Control", {"TypeName": "AWS::S3::Bucket", "ResourceDescription": {"Identifier": "b", "Properties": "{}"}}, {}),
    ("an exported role without its trust policy", {"deployment": {"resources": [{"urn": "urn::r", "type": "aws:iam/role:Role", "inputs": {"name": "r"}}]}}, {"r": "its trust policy is missing"}),
    ("a state file of old", {"version": 3, "terraform_version": "0.11.14", "modules": [{"path": ["root"], "resources": {}}]}, {"": "it is a state of Terraform before 0.12; check what `terraform show -json` of a later version prints"}),
    ("a plan of changes only", {"format_version": "1.2", "terraform_version": "1.9", "resource_changes": []}, {"": "its planned_values are missing; check all that `terraform show -json` prints"}),
    ("a plan without a version", {"planned_values": {"root_module": {"resources": [terraform("open", OPEN)]}}}, {"aws_iam_role.open": "open"}),
    ("values without a version", {"values": {"root_module": {"resources": [terraform("open", OPEN)]}}}, {"aws_iam_role.open": "open"}),
    ("a line of another kind before the roles", "\n".join(map(json.dumps, [{"a": 1}, *ROLES, {"Users": []}])), {**BOTH, "": "a part of it is not checked: the audit does not recognize it"}),
    ("lines of other kinds only", '{"a": 1}\n{"Users": []}', {"": "the audit does not recognize it"}),
    ("a name and a document by --query", ["open", OPEN], {"open": "open"}),
    ("a name without a document by --query", ["open", None], {"": "the audit does not recognize it"}),
    ("a list that is cut off", {"Roles": ROLES[1:], "NextToken": "x"}, {"fine": "fine", "": CUT_OFF}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "content", "expected"), CASES, ids=[case[0] for case in CASES])
def test_each_kind_of_file(why: str, content: Any, expected: dict[str, str]) -> None:
    assert verdicts(audit(content)) == expected


def test_a_variable_of_serverless_hides_no_missing_key() -> None:
    half = trust({"StringEquals": {"aws:SourceAccount": "${aws:accountId}"}})
    [result] = audit(serverless(template(Half=half)))
    assert (result.violates, result.fault) == (True, ELSEWHERE)


@pytest.mark.parametrize(("sensitive", "is_secret"), [({"tags": True}, False), ({"assume_role_policy": True}, True)])
def test_only_what_is_sensitive_is_not_quoted(sensitive: dict[str, bool], is_secret: bool) -> None:
    resources = [terraform("open", OPEN, sensitive_values=sensitive)]
    [result] = audit({"terraform_version": "1", "values": {"root_module": {"resources": resources}}})
    assert ("It is secret" in result.findings[0].message) is is_secret


def finding_line(content: Any, indent: int | None = 2) -> str:
    """The line of the file that the only finding is in, from its column on."""
    text = content if isinstance(content, str) else json.dumps(content, indent=indent)
    [result] = [each for each in audit(text) if each.findings]
    position = result.position(result.findings[0].path)
    assert position
    return text.split("\n")[position.line - 1][position.column - 1 :]


def test_a_finding_has_the_line_and_column_of_its_statement() -> None:
    document = {**OPEN, "Statement": [*GUARDED["Statement"], {"Sid": "Here", **OPEN["Statement"][0]}]}
    for content in (
        {"Roles": [role("x", document)]},
        {"Role": role("x", document)},
        [role("x", document)],
        {"RoleDetailList": [role("fine", GUARDED), role("x", document)]},
        {"TemplateBody": template(X=document)},
        template(X=document),
        document,
    ):
        assert '"Sid": "Here"' in finding_line(content, None)
        assert finding_line(content, None).startswith("{")
        assert finding_line(content) == "{"
    yaml = "Version: '2012-10-17'\nStatement:\n  - Effect: Allow\n    Principal: {Service: personalize.amazonaws.com}\n    Action: sts:AssumeRole\n"
    assert finding_line(yaml) == "Effect: Allow"
    in_template = "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
    assert finding_line(in_template + "".join(f"        {line}\n" for line in yaml.splitlines())) == "Effect: Allow"


def test_a_document_that_is_text_in_the_file_has_the_position_of_the_text() -> None:
    assert finding_line({"deployment": {"resources": [pulumi("x", TEXT)]}}).startswith('"{')
    assert (
        finding_line({"terraform_version": "1", "values": {"root_module": {"resources": [terraform("x", OPEN)]}}})[:2]
        == '"{'
    )


def test_compressed_files_are_read(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "roles.json.gz", "wt") as file:
        file.write(json.dumps({"Roles": ROLES}))
    (tmp_path / "torn.json.gz").write_bytes((tmp_path / "roles.json.gz").read_bytes()[:-20])
    (tmp_path / "plan.tfplan").write_bytes(b"PK\x03\x04rest")
    found = {file.name: verdicts(list(check_files([str(file)]))) for file in tmp_path.iterdir()}
    assert found["roles.json.gz"] == BOTH
    assert "it is compressed, and damaged or cut off" in found["torn.json.gz"].values()
    assert "terraform show -json" in found["plan.tfplan"][""]
