"""What a template leaves open until the update, and texts made to be slow or endless."""

from __future__ import annotations

from datetime import date

import pytest

from personalize_guardrails.configuration import Exemption, PackConfig
from personalize_guardrails.extraction.unknowns import UNKNOWN, has_unknown
from personalize_guardrails.resource_check import ResourceCheck, check_resource

ACCOUNT = "123456789012"


def role(condition: str, parameters: str = "Account: {Type: String}") -> str:
    return f"""
Parameters: {{{parameters}}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
        - Effect: Allow
          Principal: {{Service: personalize.amazonaws.com}}
          Action: sts:AssumeRole
          Condition: {{{condition}}}
"""


BOTH = (
    "StringEquals: {aws:SourceAccount: !Ref Account}, "
    "ArnLike: {aws:SourceArn: !Sub 'arn:aws:personalize:*:${Account}:*'}"
)
JOINED = (
    "StringEquals: {aws:SourceAccount: !Ref Account}, "
    "ArnLike: {aws:SourceArn: !Join [':', ['arn:aws:personalize:*', !Ref Account, '*']]}"
)
ONE_KEY = "StringEquals: {aws:SourceAccount: !Ref Account}"


def checked(body: str, parameters: object = None) -> ResourceCheck:
    properties = {"templateBody": body} if parameters is None else {"templateBody": body, "parameters": parameters}
    return check_resource("aws:cloudformation/stack:Stack", "urn", "name", properties, PackConfig())


@pytest.mark.parametrize("condition", [BOTH, JOINED], ids=["Sub", "Join"])
@pytest.mark.parametrize("parameters", [UNKNOWN, {"Account": UNKNOWN}], ids=["all unknown", "one unknown"])
def test_an_unknown_parameter_is_left_to_the_update(condition: str, parameters: object) -> None:
    body = role(condition)
    assert checked(body, parameters) == ResourceCheck((), undecided=True)
    assert checked(body, {"Account": ACCOUNT}) == ResourceCheck()
    assert [finding.kind.value for _, finding in checked(body, {"Account": "*"}).findings] == [
        "unsatisfiable"
    ]  # no account is a literal star


def test_a_default_says_nothing_while_the_parameters_are_unknown() -> None:
    body = role(BOTH, f"Account: {{Type: String, Default: '{ACCOUNT}'}}")
    assert not checked(body).undecided
    assert checked(body, UNKNOWN).undecided


def test_an_unknown_parameter_hides_no_missing_key() -> None:
    check = checked(role(ONE_KEY), {"Account": UNKNOWN})
    assert [finding.kind.value for _, finding in check.findings] == ["unguarded"]
    assert check.undecided


def _aliases(levels: int) -> str:
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels)]
    return "\n".join(["a0: &a0 [x]", *lines, _holding(f"*a{levels - 1}")])


def _holding(document: str) -> str:
    return f"Resources: {{Role: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {document}}}}}}}"


DEEP = '{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ' + "[" * 900
HOSTILE = {
    "aliases that make much of little": _aliases(30),
    "deep nesting": DEEP + "]" * 900 + "}}}}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_is_a_violation_at_once(body: str) -> None:
    [(path, finding)] = checked(body).findings
    assert path.startswith("templateBody.Resources.R")
    assert finding.message == "The trust policy cannot be checked: it is larger than AWS accepts."


def test_an_alias_inside_what_it_names_is_a_violation() -> None:
    [(path, finding)] = checked(_holding("&d {Statement: [*d]}")).findings
    assert path == "templateBody"
    assert finding.message == "The trust policy cannot be checked: an alias in it is inside what it names."


def test_a_function_in_pairs_is_resolved() -> None:
    pairs = "!!pairs [a: {Fn::If: [C, x, y]}]"
    [(_, finding)] = checked(_holding(f"{{Statement: {pairs}}}")).findings
    assert finding.kind.value == "malformed"


def test_a_trust_policy_without_a_value_is_missing() -> None:
    missing = checked("Resources: {Role: {Type: 'AWS::IAM::Role', Properties: {}}}")
    assert checked(_holding("{Ref: 'AWS::NoValue'}")).findings == missing.findings != []


def test_nesting_as_deep_as_json_goes_is_looked_through() -> None:
    value: object = UNKNOWN
    for _ in range(100_000):
        value = [value]
    assert has_unknown(value)


def test_brackets_in_a_pattern_are_themselves() -> None:
    exemption = Exemption("moved soon", date(2099, 1, 1), name="roles[1]*")
    assert exemption.covers("urn", "roles[1]-old", "/")
    assert not exemption.covers("urn", "roles1-old", "/")
