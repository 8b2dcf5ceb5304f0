"""What the rule says is true of every request: witnesses come through, and where there is none no attack does."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from personalize_guardrails import Kind, TrustSettings, check_trust_policy
from tests.trust import simulator

SERVICE = "personalize.amazonaws.com"
REGIONAL = "personalize.us-east-1.amazonaws.com"
OWN, OTHER, STRANGER = "123456789012", "210987654321", "999988887777"
ACCOUNTS = [None, OWN, OTHER, STRANGER, "123456789011", "023456789012", "123456780000"]
RESOURCES = ["campaign/x", "123456789012", "dataset-group/a-b", "x"]
ARNS = [None] + [
    f"arn:{partition}:personalize:{region}:{account}:{resource}"
    for partition in ("aws", "aws-cn")
    for region in ("us-east-1", "eu-west-1", "us-gov-west-1")
    for account in ACCOUNTS[1:]
    for resource in RESOURCES
]
REGIONS: list[dict[str, str]] = [
    {},
    {"aws:RequestedRegion": "us-east-1"},
    {"aws:RequestedRegion": "eu-west-1"},
]

account_values = st.sampled_from(
    [
        OWN,
        OTHER,
        STRANGER,
        "*",
        "1*",
        "*2",
        "12345678901?",
        "123456*",
        "*789012",
        "????????????",
        "${aws:x}",
        "1${aws:x}*",
    ]
)
arn_values = st.sampled_from(
    [
        f"arn:aws:personalize:us-east-1:{OWN}:*",
        f"arn:aws:personalize:*:{OWN}:*",
        f"arn:*:personalize:us-*:{OWN}:campaign/*",
        f"arn:aws:personalize:us-east-1:{OTHER}:*",
        "arn:aws:personalize:*:*:*",
        "arn:aws:personalize:*:1234*:*",
        f"*{OWN}*",
        f"arn:aws:personalize:*{OWN}",
        f"arn:aws:personalize:*:{OWN}",
        "arn:aws:personalize:*",
        "*",
        f"arn:aws:personalize:us-east-1:{OWN}:campaign/x",
        f"arn:aws:personalize:${{aws:x}}:{OWN}:*",
        f"arn:aws:s3:::{OWN}",
    ]
)
string_operators = st.sampled_from(
    ["StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase"]
)
arn_operators = st.sampled_from(["ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "StringEquals", "StringNotLike"])
decorated = st.sampled_from(["{}", "{}", "{}", "{}IfExists", "ForAllValues:{}", "ForAnyValue:{}"])


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def add(operator: str, key: str, values: Any) -> None:
        found.setdefault(operator, {})[key] = values

    for _ in range(draw(st.integers(0, 2))):
        operator = draw(decorated).format(draw(string_operators))
        add(operator, "aws:SourceAccount", draw(st.lists(account_values, min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 2))):
        operator = draw(decorated).format(draw(arn_operators))
        add(operator, "aws:SourceArn", draw(st.lists(arn_values, min_size=1, max_size=2)))
    if draw(st.integers(0, 4)) == 0:
        add(
            "Null",
            draw(st.sampled_from(["aws:SourceAccount", "aws:SourceArn"])),
            draw(st.sampled_from(["true", "false"])),
        )
    if draw(st.integers(0, 6)) == 0:
        add("StringEquals", "aws:RequestedRegion", draw(st.sampled_from(["us-east-1", "eu-west-1"])))
    return found


principals = st.sampled_from(
    [
        {"Service": SERVICE},
        {"Service": SERVICE},
        "*",
        {"AWS": "*"},
        {"AWS": OWN},
        {"Service": REGIONAL},
        {"Service": [SERVICE, REGIONAL]},
    ]
)


@st.composite
def statements(draw: st.DrawFn, effect: str) -> dict[str, Any]:
    statement = {
        "Effect": effect,
        "Principal": draw(principals),
        "Action": draw(
            st.sampled_from(["sts:AssumeRole", "sts:*", "*", ["sts:TagSession", "sts:assumerole"], "sts:TagSession"])
        ),
    }
    if condition := draw(conditions()):
        statement["Condition"] = condition
    return statement


documents = st.builds(
    lambda allows, denials, version: {"Version": version, "Statement": [*allows, *denials]},
    st.lists(statements("Allow"), min_size=1, max_size=3),
    st.lists(statements("Deny"), max_size=3),
    st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
)
trusting = st.sampled_from(
    [
        TrustSettings(accounts=frozenset({OWN})),
        TrustSettings(accounts=frozenset({OWN, OTHER})),
        TrustSettings(own_account=OWN),
    ]
)
budget = settings(suppress_health_check=[HealthCheck.too_slow])


def is_attack(account: str | None, arn: str | None, trusted: frozenset[str]) -> bool:
    return account not in trusted or arn is None or arn.split(":")[4] not in trusted


def names_in(document: dict[str, Any]) -> tuple[str, ...]:
    """The service's own name, and the regional one where an Allow spells it out."""
    allows = [statement["Principal"] for statement in document["Statement"] if statement["Effect"] == "Allow"]
    return (SERVICE, REGIONAL) if any(REGIONAL in str(principal) for principal in allows) else (SERVICE,)


def trusted_by(chosen: TrustSettings) -> frozenset[str]:
    return chosen.accounts if chosen.accounts is not None else frozenset({OWN})


@budget
@given(documents, trusting)
def test_every_witness_comes_through_and_is_an_attack(document: dict[str, Any], chosen: TrustSettings) -> None:
    for finding in check_trust_policy(document, chosen):
        if finding.witness is None:
            continue
        witness = finding.witness
        request = simulator.Request(witness.service, witness.source_account, witness.source_arn, witness.context)
        assert simulator.allows(document, request)
        assert is_attack(witness.source_account, witness.source_arn, trusted_by(chosen))
        assert document["Statement"][witness.statement]["Effect"] == "Allow"


@budget
@given(documents, trusting)
def test_where_nothing_is_found_no_attack_comes_through(document: dict[str, Any], chosen: TrustSettings) -> None:
    findings = check_trust_policy(document, chosen)
    if any(finding.kind is Kind.UNGUARDED for finding in findings):
        return
    trusted = trusted_by(chosen)
    at_odds = any(finding.kind is Kind.UNSATISFIABLE for finding in findings)
    for account in ACCOUNTS:
        for arn in ARNS:
            if not is_attack(account, arn, trusted):
                continue
            for name, region in itertools.product(names_in(document), REGIONS):
                if simulator.allows(document, simulator.Request(name, account, arn, region)):
                    # A role that can never be used admits only requests that contradict themselves.
                    assert at_odds
                    assert account is not None
                    assert arn is not None
                    assert arn.split(":")[4] != account


@budget
@given(documents, statements("Allow"), trusting)
def test_another_unguarded_statement_never_removes_a_finding(document: Any, more: Any, chosen: TrustSettings) -> None:
    wider = {**document, "Statement": [*document["Statement"], more]}
    before = {finding.path for finding in check_trust_policy(document, chosen) if finding.kind is Kind.UNGUARDED}
    after = {finding.path for finding in check_trust_policy(wider, chosen) if finding.kind is Kind.UNGUARDED}
    assert before <= after


@budget
@given(documents, trusting, st.randoms(use_true_random=False))
def test_order_changes_nothing(document: Any, chosen: TrustSettings, chance: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(item)) for key, item in value.items()]
            chance.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            return chance.sample([shuffled(item) for item in value], len(value))
        return value

    def verdict(judged: Any) -> list[tuple[str, str]]:
        return sorted((finding.kind.value, finding.code) for finding in check_trust_policy(judged, chosen))

    kinds = [kind for kind, _ in verdict(document)]
    assert kinds == [kind for kind, _ in verdict(shuffled(document))]


@budget
@given(documents, trusting)
def test_text_and_mapping_are_judged_alike(document: Any, chosen: TrustSettings) -> None:
    assert check_trust_policy(document, chosen) == check_trust_policy(json.dumps(document), chosen)
