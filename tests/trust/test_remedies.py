"""Remedies: what is missing is written, the rest stays, and nobody else is kept out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails import Kind, TrustSettings, check_trust_policy
from personalize_guardrails.trust.remediation import remedied_document
from personalize_guardrails.trust.settings import Language

OWN, OTHER, SERVICE = "123456789012", "210987654321", "personalize.amazonaws.com"
ROWS = json.loads((Path(__file__).parent / "remedies.json").read_text())
SETTINGS = TrustSettings(accounts=frozenset({OWN}), region="eu-west-1")
ALLOW = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
BOTH = {
    "StringEquals": {"aws:SourceAccount": OWN},
    "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{OWN}:*"},
}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_only_what_is_missing_is_written(row: dict[str, Any]) -> None:
    given = document({**ALLOW, "Condition": row["condition"]})
    before = json.dumps(given)
    [finding] = check_trust_policy(given, SETTINGS)
    assert finding.remedy == row["remedy"], row["why"]
    after = remedied_document(given, SETTINGS)
    assert json.dumps(given) == before
    if row["remedy"] is None:
        assert after is None
        assert "leave the rest of each value as it is" in finding.message
        return
    assert isinstance(after, dict)
    assert check_trust_policy(after, SETTINGS) == ()
    for operator, block in row["condition"].items():
        for key, value in block.items():
            narrowed = row["remedy"].get(operator, {}).get(key, value)
            assert after["Statement"][0]["Condition"][operator][key] == narrowed


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com", SERVICE]},
        {"Service": SERVICE, "AWS": f"arn:aws:iam::{OWN}:root"},
        {"Service": [SERVICE], "Federated": "cognito-identity.amazonaws.com"},
    ],
    ids=["services", "the account", "federated"],
)
def test_a_shared_statement_is_left_to_the_others(principal: dict[str, Any]) -> None:
    given = document({**ALLOW, "Sid": "Shared", "Principal": principal})
    [finding] = check_trust_policy(given, SETTINGS)
    assert finding.remedy is None
    assert "give personalize.amazonaws.com a statement of its own" in finding.message
    after = remedied_document(given, SETTINGS)
    assert isinstance(after, dict)
    others, own = after["Statement"]
    assert own == {**ALLOW, "Condition": BOTH}
    assert "Condition" not in others
    assert others["Sid"] == "Shared"
    assert SERVICE not in json.dumps(others)
    assert all(name in json.dumps(others) for name in ("ec2.amazonaws.com", "sagemaker.amazonaws.com")) or (
        {**principal, **others["Principal"]} == principal
    )
    assert check_trust_policy(after, SETTINGS) == ()


@pytest.mark.parametrize(
    "element",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": "*", "Service": SERVICE}},
        {"NotPrincipal": {"AWS": OTHER}},
    ],
    ids=str,
)
def test_where_everybody_is_let_in_nothing_is_written_and_the_message_says_what_to_do(element: dict[str, Any]) -> None:
    given = document({**{key: value for key, value in ALLOW.items() if key != "Principal"}, **element})
    [finding] = check_trust_policy(given, SETTINGS)
    assert finding.remedy is None
    assert "name who may assume the role, and personalize.amazonaws.com in a statement of its own" in finding.message
    assert remedied_document(given, SETTINGS) is None


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{OTHER}:*"}}, "aws:SourceArn"),
        (
            {"StringEqualsIfExists": {"aws:SourceAccount": OTHER}, "ArnLike": BOTH["ArnLike"]},
            "aws:SourceAccount and aws:SourceArn",
        ),
        ({"StringEquals": {"aws:SourceArn": f"arn:aws:personalize:*:{OWN}:*"}}, "aws:SourceArn"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:us-east-1:{OWN}:*"}}, "aws:SourceArn"),
    ],
    ids=["the ARN", "the account, where there is one", "a star that is taken literally", "an ARN of another service"],
)
def test_a_remedy_that_would_let_nobody_in_is_not_written(condition: dict[str, Any], where: str) -> None:
    given = document({**ALLOW, "Condition": condition})
    [finding] = check_trust_policy(given, SETTINGS)
    assert finding.remedy is None
    assert f"No trusted account meets its conditions on {where}: write a trusted one there, or" in finding.message
    assert remedied_document(given, SETTINGS) is None


def test_the_role_of_an_unknown_account_gets_its_variable_and_no_made_up_number() -> None:
    own = {"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}}
    given = document({**ALLOW, "Condition": own})
    [finding] = check_trust_policy(given, TrustSettings(region="eu-west-1"))
    arn = "arn:aws:personalize:eu-west-1:${aws:ResourceAccount}:*"
    assert finding.remedy == {"ArnLike": {"aws:SourceArn": arn}}
    assert "111122223333" not in finding.message
    assert "for the role's own account, with no aws:SourceArn" in finding.message
    after = remedied_document(given, TrustSettings(region="eu-west-1"))
    assert after == document({**ALLOW, "Condition": {**own, "ArnLike": {"aws:SourceArn": arn}}})
    assert check_trust_policy(after, TrustSettings(own_account=OWN)) == ()


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "s3.amazonaws.com", "cognito-idp.amazonaws.com"])
def test_a_service_with_a_digit_or_a_hyphen_in_its_name_gets_a_remedy(service: str) -> None:
    settings = replace(SETTINGS, services=(service,))
    given = document({**ALLOW, "Principal": {"Service": service}})
    after = remedied_document(given, settings)
    assert isinstance(after, dict)
    assert check_trust_policy(after, settings) == ()


def test_of_a_service_with_any_arns_a_pattern_whose_stars_cross_colons_is_not_narrowed() -> None:
    settings = replace(SETTINGS, services=("sagemaker.amazonaws.com",))
    open_arn = {"StringLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:*"}}
    given = document({**ALLOW, "Principal": {"Service": "sagemaker.amazonaws.com"}, "Condition": open_arn})
    [finding] = check_trust_policy(given, settings)
    assert finding.remedy == {
        "StringEquals": {"aws:SourceAccount": OWN},
        "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:*:{OWN}:*"},
    }
    after = remedied_document(given, settings)
    assert isinstance(after, dict)
    assert check_trust_policy(after, settings) == ()


@pytest.mark.parametrize("language", list(Language))
def test_a_remedy_never_repeats_the_resource_of_an_arn(language: Language) -> None:
    open_arn = {"ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:*:dataset-group/planted"}}
    accounts = frozenset({"000000000000"})
    settings = TrustSettings(accounts=accounts, template_account="000000000000", language=language)
    [finding] = check_trust_policy(document({**ALLOW, "Condition": open_arn}), settings)
    assert "planted" not in finding.message
    assert "planted" not in json.dumps(finding.remedy)


def test_two_checked_services_in_one_statement_get_one_each() -> None:
    settings = replace(SETTINGS, services=(SERVICE, "sagemaker.amazonaws.com"))
    given = document({**ALLOW, "Principal": {"Service": [SERVICE, "sagemaker.amazonaws.com"]}})
    after = remedied_document(given, settings)
    assert isinstance(after, dict)
    assert check_trust_policy(after, settings) == ()
    assert [statement["Condition"]["ArnLike"]["aws:SourceArn"].split(":")[2] for statement in after["Statement"]] == [
        "sagemaker",
        "personalize",
    ]


@pytest.mark.parametrize(
    ("language", "joins", "account", "arn", "said"),
    [
        (
            Language.CLOUDFORMATION_JSON,
            False,
            {"Ref": "AWS::AccountId"},
            {"Fn::Sub": "arn:${AWS::Partition}:personalize:${AWS::Region}:${AWS::AccountId}:*"},
            '"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}',
        ),
        (
            Language.CLOUDFORMATION_YAML,
            False,
            {"Ref": "AWS::AccountId"},
            {"Fn::Sub": "arn:${AWS::Partition}:personalize:${AWS::Region}:${AWS::AccountId}:*"},
            'aws:SourceArn": !Sub "arn:${AWS::Partition}:personalize:${AWS::Region}:${AWS::AccountId}:*"}',
        ),
        (
            Language.CLOUDFORMATION_YAML,
            True,
            {"Ref": "AWS::AccountId"},
            {
                "Fn::Join": [
                    ":",
                    [
                        "arn",
                        {"Ref": "AWS::Partition"},
                        "personalize",
                        {"Ref": "AWS::Region"},
                        {"Ref": "AWS::AccountId"},
                        "*",
                    ],
                ]
            },
            '!Join [":", ["arn", !Ref AWS::Partition, "personalize", !Ref AWS::Region, !Ref AWS::AccountId, "*"]]',
        ),
    ],
    ids=["JSON", "YAML", "YAML with Join"],
)
def test_in_a_template_the_remedy_uses_its_functions(
    language: Language, joins: bool, account: Any, arn: Any, said: str
) -> None:
    settings = TrustSettings(template_account="000000000000", language=language, joins=joins)
    [finding] = check_trust_policy(document(ALLOW), settings)
    assert finding.remedy == {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": arn}}
    assert said in finding.message
    half = document({**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}}})
    [finding] = check_trust_policy(half, settings)
    assert finding.remedy == {"ArnLike": {"aws:SourceArn": arn}}


def test_without_a_region_or_an_account_nothing_is_written() -> None:
    assert remedied_document(document(ALLOW), replace(SETTINGS, region=None)) is None
    assert remedied_document(document(ALLOW), TrustSettings(region="eu-west-1")) is None


def test_text_stays_text_and_what_is_guarded_or_malformed_stays_alone() -> None:
    after = remedied_document(json.dumps(document(ALLOW)), SETTINGS)
    assert isinstance(after, str)
    assert json.loads(after) == document({**ALLOW, "Condition": BOTH})
    assert remedied_document(after, SETTINGS) is None
    assert remedied_document('{"Statement": [], "Statement": {}}', SETTINGS) is None
    assert remedied_document(document({**ALLOW, "Effect": "allow"}), SETTINGS) is None


def test_a_remedy_is_written_in_place_of_null() -> None:
    remedied = remedied_document(document({**ALLOW, "Condition": None}), SETTINGS)
    assert remedied == document({**ALLOW, "Condition": BOTH})


def test_where_only_untrusted_accounts_stand_the_message_says_so_and_nothing_is_written() -> None:
    theirs = {
        "StringEquals": {"aws:SourceAccount": OTHER},
        "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{OTHER}:*"},
    }
    given = document({**ALLOW, "Condition": theirs})
    [finding] = check_trust_policy(given, SETTINGS)
    assert finding.remedy is None
    assert (
        "meets its conditions on aws:SourceAccount and aws:SourceArn: write a trusted one there, or add the account"
        in finding.message
    )
    assert remedied_document(given, SETTINGS) is None


@pytest.mark.parametrize(
    ("operator", "value", "said"),
    [
        ("StringEqual", OWN, "its operator is not one of IAM's (did you mean StringEquals?)"),
        ("StringEqualsIfExist", OWN, "its operator is not one of IAM's (did you mean StringEqualsIfExists?)"),
        (
            "ForAnyValues:StringEquals",
            OWN,
            "its operator is not one of IAM's (did you mean ForAnyValue:StringEquals?)",
        ),
        ("NumericEquals", OWN, "it has no value that NumericEquals compares"),
        ("ArnEquals", OWN, "it has no value that ArnEquals compares"),
        ("StringEquals", [], "it has no value that StringEquals compares"),
        ("Null", "no", "it has no value that Null compares"),
    ],
    ids=str,
)
def test_a_condition_without_effect_is_said_not_a_missing_one(operator: str, value: object, said: str) -> None:
    condition = {"ArnLike": BOTH["ArnLike"], operator: {"aws:SourceAccount": value}}
    [finding] = check_trust_policy(document({**ALLOW, "Condition": condition}), SETTINGS)
    assert finding.kind is Kind.UNGUARDED
    assert f"The condition on aws:SourceAccount has no effect: {said}." in finding.message
    assert "It has no condition on" not in finding.message


@pytest.mark.parametrize(
    "principal", [{"Service": "personal*.amazonaws.com"}, {"service": SERVICE}], ids=["a pattern", "a misspelled kind"]
)
def test_a_principal_that_is_not_everybody_is_not_called_so(principal: dict[str, str]) -> None:
    findings = check_trust_policy(document({**ALLOW, "Principal": principal}), SETTINGS)
    [finding] = [each for each in findings if each.kind is Kind.UNGUARDED]
    assert "everybody" not in finding.message
    assert "give personalize.amazonaws.com a statement of its own, by this very name" in finding.message
    assert "Write into the Condition of that statement: " in finding.message
