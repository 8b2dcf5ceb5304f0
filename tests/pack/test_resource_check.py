"""Where trust policies hide, and what is certain of them while parts are unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction.unknowns import UNKNOWN
from personalize_guardrails.resource_check import check_resource

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
    check = check_resource(case["type"], "urn", "name", with_unknowns(case["properties"]), PackConfig())
    assert [finding.kind.value for _, finding in check.findings] == case["kinds"], case["why"]
    assert check.undecided is case["undecided"], case["why"]


OPEN = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"reason": "moves", "name": "x"}, '"expires" is not a date'),
        ({"reason": "moves", "name": "x", "expires": "soon"}, '"expires" is not a date'),
        ({"name": "x", "expires": "2999-01-01"}, '"reason" is missing'),
        ({"reason": "moves", "expires": "2999-01-01"}, "an exemption needs a service, urn, name or path"),
        ({"reason": "moves", "name": "x", "expires": "29990101"}, '"expires" is not a date'),
        (
            {"reason": "moves", "name": "x", "expires": "2999-01-01", "role": "y"},
            '"role" is not a field of an exemption',
        ),
        ({"reason": "moves", "name": ["x"], "expires": "2999-01-01"}, '"name" is not a string'),
    ],
)
def test_an_exemption_says_what_it_lacks(written: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PackConfig.read({"exemptions": [written]})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"acounts": [ACCOUNT]}, '"acounts" is not a setting; write services, accounts, sourceArns or exemptions'),
        ({"accounts": ["12345678901"]}, 'accounts: "12345678901" is not an AWS account'),
        ({"services": ["personalize"]}, 'services: "personalize" is not a service principal; write one such as pers'),
    ],
)
def test_a_configuration_that_would_check_something_else_is_refused(written: dict[str, list[str]], why: str) -> None:
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
    check = check_resource("aws:iam/role:Role", "urn", "name", role, config)
    assert (check.findings, check.undecided) == ((), True)


@pytest.mark.parametrize("named", ["personalize.amazonaws.com", "personalize.eu-west-1.amazonaws.com"])
def test_an_exemption_of_a_service_covers_its_regional_names(named: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": named}, "Action": "sts:AssumeRole"}
    role = {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}

    def found(service: str) -> tuple[object, ...]:
        exemption = {"service": service, "reason": "moves", "expires": "2999-12-31"}
        return check_resource(
            "aws:iam/role:Role", "urn", "name", role, PackConfig.read({"exemptions": [exemption]})
        ).findings

    assert found("personalize.amazonaws.com") == ()
    assert found("lambda.amazonaws.com") != ()


WITHOUT_WITNESS = {"StringEquals": {"sts:ExternalId": "x"}}


@pytest.mark.parametrize(
    ("why", "document", "exempted", "covered"),
    [
        ("no request can be shown", [{**OPEN, "Condition": WITHOUT_WITNESS}], ["sagemaker"], False),
        ("its own service", [{**OPEN, "Condition": WITHOUT_WITNESS}], ["personalize"], True),
        ("not JSON", None, ["sagemaker"], False),
        ("not JSON, and not for one service", None, ["personalize"], False),
    ],
)
def test_an_exemption_of_a_service_covers_nothing_of_another(
    why: str, document: Any, exempted: list[str], covered: bool
) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": document}) if document else "{"
    config = {
        "services": ["personalize.amazonaws.com", "sagemaker.amazonaws.com"],
        "exemptions": [
            {"service": f"{each}.amazonaws.com", "reason": "moves", "expires": "2999-12-31"} for each in exempted
        ],
    }
    check = check_resource("aws:iam/role:Role", "urn", "name", {"assumeRolePolicy": text}, PackConfig.read(config))
    assert (check.findings == ()) is covered, why
