"""What a template leaves open until the update, and texts made to be slow or endless."""

from __future__ import annotations

from datetime import date

import pytest

from personalize_guardrails.configuration import Exemption, PackConfig
from personalize_guardrails.extraction.unknowns import UNKNOWN, has_unknown
from personalize_guardrails.judging import Judgement, judge

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


def judged(body: str, parameters: object = None) -> Judgement:
    properties = {"templateBody": body} if parameters is None else {"templateBody": body, "parameters": parameters}
    return judge("aws:cloudformation/stack:Stack", "urn", "name", properties, PackConfig())


@pytest.mark.parametrize("condition", [BOTH, JOINED], ids=["Sub", "Join"])
@pytest.mark.parametrize("parameters", [UNKNOWN, {"Account": UNKNOWN}], ids=["all unknown", "one unknown"])
def test_an_unknown_parameter_is_left_to_the_update(condition: str, parameters: object) -> None:
    body = role(condition)
    assert judged(body, parameters) == Judgement((), undecided=True)
    assert judged(body, {"Account": ACCOUNT}) == Judgement()
    assert [finding.kind.value for _, finding in judged(body, {"Account": "*"}).findings] == [
        "unsatisfiable"
    ]  # no account is a literal star


def test_a_default_says_nothing_while_the_parameters_are_unknown() -> None:
    body = role(BOTH, f"Account: {{Type: String, Default: '{ACCOUNT}'}}")
    assert not judged(body).undecided
    assert judged(body, UNKNOWN).undecided


def test_an_unknown_parameter_hides_no_missing_key() -> None:
    judgement = judged(role(ONE_KEY), {"Account": UNKNOWN})
    assert [finding.kind.value for _, finding in judgement.findings] == ["unguarded"]
    assert judgement.undecided


def _aliases(levels: int) -> str:
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels)]
    return "\n".join(["a0: &a0 [x]", *lines, _holding(f"*a{levels - 1}")])


def _holding(document: str) -> str:
    return f"Resources: {{Role: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {document}}}}}}}"


DEEP = '{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ' + "[" * 900
HOSTILE = {
    "aliases that make much of little": _aliases(30),
    "an alias of what it stands in": _holding("&d {Statement: [*d]}"),
    "deep nesting": DEEP + "]" * 900 + "}}}}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_is_a_violation_at_once(body: str) -> None:
    [(path, finding)] = judged(body).findings
    assert path.startswith("templateBody.Resources.R")
    assert finding.message == "The trust policy cannot be judged: it is larger than AWS accepts."


def test_nesting_as_deep_as_json_goes_is_looked_through() -> None:
    value: object = UNKNOWN
    for _ in range(100_000):
        value = [value]
    assert has_unknown(value)


def test_brackets_in_a_pattern_are_themselves() -> None:
    exemption = Exemption("moved soon", date(2099, 1, 1), name="roles[1]*")
    assert exemption.covers("urn", "roles[1]-old", "/")
    assert not exemption.covers("urn", "roles1-old", "/")
