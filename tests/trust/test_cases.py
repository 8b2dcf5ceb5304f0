"""Every row of the tables is checked as its reason says."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails import Finding, Kind, TrustSettings, check_trust_policy
from tests.trust.documents import OWN

TABLES = sorted((Path(__file__).parent / "cases").glob("*.json"))
CASES = [
    pytest.param(row, id=f"{table.stem}: {row['name']}") for table in TABLES for row in json.loads(table.read_text())
]


def settings_of(row: dict[str, Any]) -> TrustSettings:
    return TrustSettings(**row.get("settings", {}))


@pytest.mark.parametrize("row", CASES)
def test_a_row_is_checked_as_its_reason_says(row: dict[str, Any]) -> None:
    findings = check_trust_policy(row["document"], settings_of(row))
    assert sorted(finding.kind.value for finding in findings) == sorted(row["expected"]), row["why"]
    for finding in findings:
        assert finding.message.endswith(".")
        assert (finding.kind is Kind.UNGUARDED) or finding.witness is None


@pytest.mark.parametrize(
    ("more", "account", "reported"),
    [
        ({}, "210987654321", "Name the same account in aws:SourceAccount and aws:SourceArn."),
        ({"StringEquals": {"sts:ExternalId": "x"}}, "123456789012", "Remove the conditions that no request"),
    ],
    ids=["accounts", "another key"],
)
def test_a_role_that_cannot_be_used_has_a_reason(more: dict[str, Any], account: str, reported: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringLike": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"},
            **more,
        },
    }
    settings = TrustSettings(accounts=frozenset({"123456789012", "210987654321"}))
    [finding] = check_trust_policy({"Version": "2012-10-17", "Statement": [statement]}, settings)
    assert finding.kind is Kind.UNSATISFIABLE
    assert reported in finding.message


@pytest.mark.parametrize("names", [["shop"], ["shop", "news"]], ids=len)
def test_where_source_arns_are_named_the_remedy_is_to_write_them(names: list[str]) -> None:
    arns = tuple(f"arn:aws:personalize:us-east-1:123456789012:dataset-group/{name}" for name in names)
    settings = TrustSettings(accounts=frozenset({"123456789012"}), source_arns=arns)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"},
        },
    }
    [finding] = check_trust_policy({"Statement": statement}, settings)
    assert finding.code == "source-arn-untrusted"
    assert all(arn in finding.message for arn in arns)
    remedied = {**statement, "Condition": {**statement["Condition"], **(finding.remedy or {})}}
    assert check_trust_policy({"Statement": remedied}, settings) == ()


def test_the_tables_hold_two_hundred_reasoned_rows() -> None:
    rows = [row for table in TABLES for row in json.loads(table.read_text())]
    assert len(rows) >= 200
    assert all(row["why"] for row in rows)


NEVER = {
    "another service's ARN": ("123456789012", "arn:aws:s3:us-east-1:123456789012:*", "is an ARN of another service"),
    "eleven digits": ("12345678901", "arn:aws:personalize:us-east-1:123456789012:*", "has 11 digits"),
    "dashes": ("1234-5678-9012", "arn:aws:personalize:us-east-1:123456789012:*", "has dashes between its digits"),
    "a placeholder": (
        "ACCOUNT_ID",
        "arn:aws:personalize:us-east-1:123456789012:*",
        "has a placeholder or a name in place of an account",
    ),
    "an octal number of YAML": (1402433619, "arn:aws:personalize:us-east-1:012345670123:*", "and reads it as octal"),
    "a placeholder in the ARN": (
        "123456789012",
        "arn:aws:personalize:us-east-1:<ACCOUNT>:*",
        "has a placeholder or a name in place of the account",
    ),
    "no ARN": ("123456789012", "campaign/shop", "is not an ARN"),
    "two accounts": (
        "210987654321",
        "arn:aws:personalize:us-east-1:123456789012:*",
        "no account that it allows owns a resource that it allows",
    ),
}


def denying(condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": condition}


def allowing(condition: dict[str, Any], principal: Any = None) -> dict[str, Any]:
    principal = principal or {"Service": "personalize.amazonaws.com"}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}


def only_finding(condition: dict[str, Any], *accounts: str) -> Finding:
    """The one finding about a statement of the service with this condition."""
    document = {"Version": "2012-10-17", "Statement": allowing(condition)}
    [finding] = check_trust_policy(document, TrustSettings(accounts=frozenset(accounts)))
    return finding


@pytest.mark.parametrize(("account", "arn", "said"), NEVER.values(), ids=NEVER.keys())
def test_never_matches_says_which_value_cannot_match_and_why(account: Any, arn: str, said: str) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": account}, "ArnEquals": {"aws:SourceArn": arn}}
    finding = only_finding(condition, "123456789012", "210987654321")
    assert (finding.kind, finding.code) == (Kind.UNSATISFIABLE, "never-matches")
    assert said in finding.message
    assert str(account) not in finding.message


OF_OWN = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
OF_ARN = {"ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:*"}}
CONTRADICTIONS = {
    "a placeholder for the region": (
        {**OF_OWN, "ArnLike": {"aws:SourceArn": "arn:aws:personalize:REGION:123456789012:*"}},
        "in place of a region",
    ),
    "an availability zone": (
        {**OF_OWN, "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1a:123456789012:*"}},
        "in place of a region",
    ),
    "a space after the ARN": (
        {**OF_OWN, "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:123456789012:* "}},
        "a character in its resource",
    ),
    "a service in capital letters": (
        {**OF_OWN, "ArnLike": {"aws:SourceArn": "arn:aws:Personalize:us-east-1:123456789012:*"}},
        "names the service in capital letters",
    ),
    "an ARN in capital letters": (
        {**OF_OWN, "ArnLike": {"aws:SourceArn": "ARN:aws:personalize:us-east-1:123456789012:*"}},
        "does not start with arn:",
    ),
    "eleven digits in the ARN": (
        {**OF_OWN, "ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:12345678901:*"}},
        "has 11 digits, and an account has 12, so",
    ),
    "a pattern of eleven letters": (
        {**OF_ARN, "StringLike": {"aws:SourceAccount": "1234567890?"}},
        "no account of twelve digits meets its conditions",
    ),
    "two patterns": (
        {**OF_OWN, **OF_ARN, "StringLike": {"aws:SourceAccount": "9*"}},
        "no account of twelve digits meets its conditions",
    ),
    "a key that has to be absent": (
        {**OF_OWN, **OF_ARN, "Null": {"aws:SourceAccount": "true"}},
        "asks for aws:SourceAccount to be absent",
    ),
    "another key": (
        {**OF_OWN, **OF_ARN, "StringEquals": {**OF_OWN["StringEquals"], "sts:ExternalId": "x"}},
        "other keys",
    ),
}


@pytest.mark.parametrize(("condition", "said"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_never_matches_gives_the_reason_that_holds(condition: dict[str, Any], said: str) -> None:
    finding = only_finding(condition, "123456789012")
    assert finding.code == "never-matches"
    assert said in finding.message
    assert "other keys" in said or "other keys" not in finding.message


def test_thousands_of_trusted_accounts_are_decided() -> None:
    trusted = frozenset(f"{number:012d}" for number in range(199_999_998_000, 200_000_000_000))
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringLike": {"aws:SourceAccount": "1*"}, "ArnLike": {"aws:SourceArn": "arn:*:*:*:1*:*"}},
    }
    [finding] = check_trust_policy({"Version": "2012-10-17", "Statement": [statement]}, TrustSettings(accounts=trusted))
    assert finding.witness is not None
    assert finding.witness.source_account not in trusted


def restricting(pattern: str, where: str) -> list[dict[str, Any]]:
    """Statements that leave the accounts of a pattern, each key restricted by the Allow or by a Deny."""
    account = {"aws:SourceAccount": pattern}
    arn = {"aws:SourceArn": f"arn:aws:personalize:*:{pattern}:*"}
    in_allow = {"StringLike": account} if where in {"both in the Allow", "the account in the Allow"} else {}
    in_allow |= {"ArnLike": arn} if where in {"both in the Allow", "the ARN in the Allow"} else {}
    in_denials = [{"StringNotLike": account}] if "StringLike" not in in_allow else []
    if where == "the ARN by its variable":
        arn = {"aws:SourceArn": "arn:aws:personalize:*:${aws:SourceAccount}:*"}
    in_denials += [{"ArnNotLike": arn}] if "ArnLike" not in in_allow else []
    return [allowing(in_allow), *map(denying, in_denials)]


@pytest.mark.parametrize("pattern", ["19999999900?", "19999999????", "19999999*"])
@pytest.mark.parametrize(
    "where",
    [
        "both in the Allow",
        "the account in the Allow",
        "the ARN in the Allow",
        "both in denials",
        "the ARN by its variable",
    ],
)
def test_patterns_of_thousands_of_trusted_accounts_are_counted_off(pattern: str, where: str) -> None:
    trusted = frozenset(f"{number:012d}" for number in range(199_999_990_000, 200_000_000_000))
    document = {"Version": "2012-10-17", "Statement": restricting(pattern, where)}
    assert check_trust_policy(document, TrustSettings(accounts=trusted)) == ()
    for missing in ("199999999007", "199999999000"):
        [finding] = check_trust_policy(document, TrustSettings(accounts=trusted - {missing}))
        assert finding.witness is not None
        assert finding.witness.source_account == missing


FILLED_IN = {
    "a region": ("arn:aws:personalize:${aws:SourceAccount}:*:*", None),
    "a resource": (
        "arn:aws:personalize:*:*:dataset-group/${aws:SourceAccount}",
        "arn:aws:personalize:us-east-1:999988887777:dataset-group/999988887777",
    ),
    "a key that is never sent": ("arn:aws:personalize:*:*:dataset-group/${aws:PrincipalTag/shop}", None),
    "the same with a default": (
        "arn:aws:personalize:*:*:dataset-group/${aws:PrincipalTag/shop, 'shop'}",
        "arn:aws:personalize:us-east-1:999988887777:dataset-group/shop",
    ),
}


@pytest.mark.parametrize(("arn", "shown"), FILLED_IN.values(), ids=FILLED_IN.keys())
def test_a_witness_is_allowed_with_its_own_values_for_the_variables(arn: str, shown: str | None) -> None:
    finding = only_finding({"StringLike": {"aws:SourceAccount": "*"}, "ArnLike": {"aws:SourceArn": arn}}, OWN)
    assert finding.kind is Kind.UNGUARDED
    assert shown == (finding.witness.source_arn if finding.witness else None)
    assert ("policy variables" in finding.message) is (shown is None)


def test_a_denial_with_a_variable_leaves_no_witness_that_it_denies() -> None:
    denial = denying({"StringNotEquals": {"aws:SourceAccount": "${aws:PrincipalTag/account}"}})
    document = {"Version": "2012-10-17", "Statement": [allowing({}), denial]}
    [finding] = check_trust_policy(document, TrustSettings(accounts=frozenset({OWN})))
    assert finding.kind is Kind.UNGUARDED
    assert finding.witness is None


def test_an_account_is_not_tried_with_the_arn_of_another() -> None:
    condition = {"StringEquals": {"aws:SourceArn": "arn:aws:personalize:us-east-1:210987654321:*"}}
    statement = allowing(condition, "*")
    settings = TrustSettings(services=("sagemaker.amazonaws.com",), own_account=OWN)
    [finding] = check_trust_policy({"Version": "2012-10-17", "Statement": [statement]}, settings)
    assert finding.code == "source-account-absent"


OWN_ARN = f"arn:aws:personalize:*:{OWN}:*"
GUARDED = allowing({"StringEquals": {"aws:SourceAccount": OWN}, "ArnLike": {"aws:SourceArn": OWN_ARN}})
ONE_KEY_CONFINED = {
    "the account by a Deny": [
        allowing({"ArnLike": {"aws:SourceArn": "arn:aws:personalize:*:*:*"}}),
        denying({"StringNotEquals": {"aws:SourceAccount": OWN}}),
    ],
    "the ARN by a Deny": [
        allowing({"StringLike": {"aws:SourceAccount": "*"}}),
        denying({"ArnNotLike": {"aws:SourceArn": OWN_ARN}}),
    ],
    "the ARN by a Deny, beside one of absence": [
        allowing({}),
        denying({"ArnNotLike": {"aws:SourceArn": OWN_ARN}}),
        denying({"Null": {"aws:SourceAccount": "true"}}),
    ],
    "the account by a Deny, and the ARN by two Allows": [
        allowing({"ArnLike": {"aws:SourceArn": "arn:aws:personalize:us-east-1:9*:*"}}),
        GUARDED,
        denying({"StringNotEquals": {"aws:SourceAccount": OWN}}),
    ],
}


@pytest.mark.parametrize("statements", ONE_KEY_CONFINED.values(), ids=ONE_KEY_CONFINED.keys())
@pytest.mark.parametrize("first", ["111111111111", "999999999999"])
def test_one_key_that_a_denial_confines_does_not_confine_the_other(statements: Any, first: str) -> None:
    settings = TrustSettings(accounts=frozenset({first, OWN}))
    found = check_trust_policy({"Version": "2012-10-17", "Statement": statements}, settings)
    assert {finding.kind for finding in found} == {Kind.UNGUARDED}
    assert all(finding.witness for finding in found)


def test_every_owner_that_a_condition_names_is_tried() -> None:
    accounts = [f"1{number:011d}" for number in range(9)]
    arns = [f"arn:aws:personalize:*:{account}:*" for account in accounts]
    document = {
        "Version": "2012-10-17",
        "Statement": [
            allowing({"StringLike": {"aws:ResourceAccount": "9*"}}, {"AWS": "*"}),
            allowing({"StringEquals": {"aws:SourceAccount": accounts}, "ArnLike": {"aws:SourceArn": arns}}),
        ],
    }
    [finding] = check_trust_policy(document)
    assert finding.kind is Kind.UNGUARDED


def test_an_arn_that_the_service_never_sends_is_no_witness() -> None:
    queue = allowing({"ArnLike": {"aws:SourceArn": f"arn:aws:sqs:us-east-1:{OWN}:*"}}, {"AWS": "*"})
    document = {"Version": "2012-10-17", "Statement": [queue, GUARDED]}
    assert check_trust_policy(document, TrustSettings(own_account=OWN)) == ()


SEVERAL_ON_ONE_KEY = {
    "a number between": {"NumericGreaterThan": {"aws:Foo": "5"}, "NumericLessThan": {"aws:Foo": "6"}},
    "several values": {
        "ForAnyValue:StringEquals": {"aws:CalledVia": "a.amazonaws.com"},
        "ForAnyValue:StringLike": {"aws:CalledVia": "b*"},
    },
}


@pytest.mark.parametrize("more", SEVERAL_ON_ONE_KEY.values(), ids=SEVERAL_ON_ONE_KEY.keys())
def test_what_several_conditions_on_one_key_may_admit_makes_no_role_useless(more: dict[str, Any]) -> None:
    statement = {**GUARDED, "Condition": {**GUARDED["Condition"], **more}}
    assert check_trust_policy({"Version": "2012-10-17", "Statement": statement}, TrustSettings(own_account=OWN)) == ()


def test_an_allow_that_is_hard_to_decide_keeps_none_from_being_decided() -> None:
    chance = random.Random(1)
    hard = [
        denying(
            {
                "StringNotLike": {"aws:SourceAccount": f"*{one}*{two}*"},
                "ArnNotLike": {"aws:SourceArn": f"arn:*:*:*:*{two}*{one}*:*"},
            }
        )
        for one, two in (chance.sample("0123456789", 2) for _ in range(14))
    ]
    both = {"StringLike": {"aws:SourceAccount": "1*", "aws:SourceArn": "*:1*z"}}
    stranger = allowing({"StringEquals": {"aws:SourceAccount": "999988887777"}}, {"AWS": "*"})
    for statements in ([allowing(both)] * 3 + [stranger], [stranger] + [allowing(both)] * 3):
        document = {"Version": "2012-10-17", "Statement": [*statements, *hard]}
        found = check_trust_policy(document, TrustSettings(own_account=OWN))
        assert {finding.kind for finding in found} == {Kind.UNGUARDED}


def test_a_denial_of_everything_is_seen_at_once() -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*"}
    document = {"Version": "2012-10-17", "Statement": [GUARDED, denial]}
    [finding] = check_trust_policy(document, TrustSettings(own_account=OWN))
    assert finding.code == "never-matches"


def test_an_account_that_agrees_with_its_arn_by_chance_is_distinguished_twice_at_most() -> None:
    statements = [
        allowing({}),
        denying(
            {
                "ArnNotLike": {"aws:SourceArn": "arn:aws*:personalize::123456789013:campaign/*"},
                "StringNotEqualsIgnoreCase": {"aws:SourceAccount": "12345678901"},
            }
        ),
        denying({"StringNotEqualsIfExists": {"aws:SourceAccount": ["12345678901?*", "*2345678901?"]}}),
    ]
    accounts = frozenset(f"12345678901{digit}" for digit in range(10))
    [finding] = check_trust_policy({"Version": "2012-10-17", "Statement": statements}, TrustSettings(accounts=accounts))
    assert finding.code == "never-matches"
