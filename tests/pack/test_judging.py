"""Where trust policies hide, what is certain of them while parts are unknown, and what remediation makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_guardrails import TrustSettings, check_trust_policy
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction.unknowns import UNKNOWN
from personalize_guardrails.judging import judge
from personalize_guardrails.policies.remediation import guarded

CASES = json.loads((Path(__file__).parent / "cases/places.json").read_text())
ACCOUNT = "123456789012"


def with_unknowns(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_unknowns(item) for item in value]
    return UNKNOWN if value == "<unknown>" else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_places_and_unknowns(case: dict[str, Any]) -> None:
    judgement = judge(case["type"], "urn", "name", with_unknowns(case["properties"]), PackConfig())
    assert [finding.kind.value for _, finding in judgement.findings] == case["kinds"], case["why"]
    assert judgement.undecided is case["undecided"], case["why"]


OPEN = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.just("Allow"),
        "Principal": st.sampled_from(
            [{"Service": "personalize.amazonaws.com"}, {"Service": ["ec2.amazonaws.com", "personalize.amazonaws.com"]}]
        ),
        "Action": st.sampled_from(["sts:AssumeRole", "sts:*", ["sts:AssumeRole", "sts:TagSession"]]),
    },
    optional={
        "Sid": st.just("Kept"),
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "StringLike", "Bool"]),
            st.dictionaries(
                st.sampled_from(["aws:SourceAccount", "AWS:SOURCEACCOUNT", "aws:SecureTransport"]),
                st.sampled_from(["*", ACCOUNT, "true", ["210987654321", "1*"]]),
                max_size=2,
            ),
            max_size=2,
        ),
    },
)


@given(st.lists(STATEMENTS, min_size=1, max_size=3))
def test_a_remediated_document_is_guarded_and_keeps_the_rest(statements: list[dict[str, Any]]) -> None:
    settings = TrustSettings(accounts=frozenset({ACCOUNT}))
    before = json.dumps({"Version": "2012-10-17", "Statement": statements})
    text = guarded(before, ACCOUNT, "us-east-1", settings)
    if text is None:
        return
    assert check_trust_policy(text, settings) == ()
    after = json.loads(text)["Statement"]
    for old, new in zip(statements, after, strict=True):
        assert {key: value for key, value in new.items() if key != "Condition"} == {
            key: value for key, value in old.items() if key != "Condition"
        }
        for operator, block in old.get("Condition", {}).items():
            for key, value in block.items():
                if not key.lower().startswith("aws:source"):
                    assert new["Condition"][operator][key] == value


def test_the_plain_case_is_remediated() -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
    text = guarded(json.dumps({"Statement": [statement]}), ACCOUNT, "cn-north-1", TrustSettings())
    assert text is not None
    [written] = json.loads(text)["Statement"]
    assert written["Condition"]["ArnLike"] == {"aws:SourceArn": f"arn:aws-cn:personalize:cn-north-1:{ACCOUNT}:*"}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"reason": "moves", "name": "x"}, '"expires" is not a date'),
        ({"reason": "moves", "name": "x", "expires": "soon"}, '"expires" is not a date'),
        ({"name": "x", "expires": "2999-01-01"}, '"reason" is missing'),
        ({"reason": "moves", "expires": "2999-01-01"}, "nothing is selected"),
        ({"reason": "moves", "name": "x", "expires": "29990101"}, '"expires" is not a date'),
        ({"reason": "moves", "name": "x", "expires": "2999-01-01", "role": "y"}, '"role" selects nothing'),
        ({"reason": "moves", "name": ["x"], "expires": "2999-01-01"}, '"name" is not a text'),
    ],
)
def test_an_exemption_says_what_it_lacks(written: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PackConfig.read({"exemptions": [written]})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"acounts": [ACCOUNT]}, '"acounts": it is not a key; write services, accounts, sourceArns or exemptions'),
        ({"accounts": ["12345678901"]}, 'accounts: "12345678901" is not an AWS account'),
        ({"services": ["personalize"]}, 'services: "personalize" is not a service principal; write one such as pers'),
    ],
)
def test_a_configuration_that_would_judge_something_else_is_refused(written: dict[str, list[str]], why: str) -> None:
    assert PackConfig.read({"enforcementLevel": "mandatory"}) == PackConfig()
    with pytest.raises(ValueError, match=why):
        PackConfig.read(written)


@pytest.mark.parametrize(
    "pattern", [f"arn:aws:personalize:eu-west-1:{ACCOUNT}:dataset/*", "arn:aws-cn:personalize:*:*:*"]
)
def test_an_unknown_arn_may_be_one_that_the_configuration_asks_for(pattern: str) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": UNKNOWN}, "ArnLike": {"aws:SourceArn": UNKNOWN}}
    role = {"assumeRolePolicy": {"Version": "2012-10-17", "Statement": [{**OPEN, "Condition": condition}]}}
    config = PackConfig.read({"accounts": ["111111111111", ACCOUNT], "sourceArns": ["nonsense", pattern]})
    judgement = judge("aws:iam/role:Role", "urn", "name", role, config)
    assert (judgement.findings, judgement.undecided) == ((), True)


@pytest.mark.parametrize("named", ["personalize.amazonaws.com", "personalize.eu-west-1.amazonaws.com"])
def test_an_exemption_of_a_service_covers_its_regional_names(named: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": named}, "Action": "sts:AssumeRole"}
    role = {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}

    def found(service: str) -> tuple[object, ...]:
        exemption = {"service": service, "reason": "moves", "expires": "2999-12-31"}
        return judge("aws:iam/role:Role", "urn", "name", role, PackConfig.read({"exemptions": [exemption]})).findings

    assert found("personalize.amazonaws.com") == ()
    assert found("lambda.amazonaws.com") != ()
