"""Random trust policies, with every element that the rule reads: variables, denials, set operators, several services."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from personalize_guardrails import TrustSettings

SERVICE = "personalize.amazonaws.com"
REGIONAL = "personalize.us-east-1.amazonaws.com"
ANOTHER = "sagemaker.amazonaws.com"
OWN, OTHER, UNTRUSTED = "123456789012", "210987654321", "999988887777"

account_values = st.sampled_from(
    [
        OWN,
        OWN,
        OTHER,
        UNTRUSTED,
        "*",
        "1*",
        "9999*",
        "*2",
        "12345678901?",
        "123456*",
        "*789012",
        "????????????",
        "12345678901",
        "${aws:x}",
        "1${aws:x}*",
        "${aws:ResourceAccount}",
        "${AWS:resourceaccount}",
    ]
)
arn_values = st.sampled_from(
    [
        f"arn:aws:personalize:us-east-1:{OWN}:*",
        f"arn:aws:personalize:us-east-1:{OWN}:*",
        f"arn:aws:personalize:*:{OWN}:*",
        f"arn:*:personalize:us-*:{OWN}:campaign/*",
        f"arn:aws:personalize:us-east-1:{OTHER}:*",
        "arn:aws:personalize:*:*:*",
        "arn:aws:personalize:*:1234*:*",
        "arn:aws:personalize:*:99*:*",
        f"*{OWN}*",
        f"arn:aws:personalize:*{OWN}",
        f"arn:aws:personalize:*:{OWN}",
        "arn:aws:personalize:*",
        "*",
        f"arn:aws:personalize:us-east-1:{OWN}:campaign/x",
        f"arn:aws:personalize:${{aws:x}}:{OWN}:*",
        f"arn:aws:personalize:us-east-1:{OWN}:${{aws:x}}",
        "arn:aws:personalize:*:${aws:SourceAccount}:*",
        "arn:aws:personalize:us-east-1:${aws:sourceaccount}:campaign/x",
        "arn:aws:personalize:us-east-1:${aws:ResourceAccount}:*",
        "arn:aws:personalize:${aws:SourceAccount}:${aws:ResourceAccount}:*",
        f"arn:aws:s3:::{OWN}",
        f"arn:aws:sagemaker:us-east-1:{OWN}:*",
        f"arn:aws:sagemaker:*:{OWN}:model/*",
        "arn:aws:sagemaker:us-east-1:${aws:SourceAccount}:*",
    ]
)
string_operators = st.sampled_from(
    ["StringEquals", "StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase"]
)
arn_operators = st.sampled_from(
    ["ArnLike", "ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "StringEquals", "StringNotLike"]
)
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
        keys = ["aws:SourceAccount", "aws:SourceArn", "aws:PrincipalAccount", "aws:userid", "sts:ExternalId"]
        add("Null", draw(st.sampled_from(keys)), draw(st.sampled_from(["true", "false"])))
    if draw(st.integers(0, 6)) == 0:
        operator = draw(st.sampled_from(["StringEquals", "StringNotEquals", "StringEqualsIfExists"]))
        add(operator, "aws:RequestedRegion", draw(st.sampled_from(["us-east-1", "eu-west-1"])))
    if draw(st.integers(0, 9)) == 0:
        add("StringEquals", "aws:ResourceAccount", draw(st.sampled_from([OWN, OTHER])))
    return found


principals = st.sampled_from(
    [
        {"Service": SERVICE},
        {"Service": SERVICE},
        {"Service": SERVICE},
        "*",
        {"AWS": "*"},
        {"AWS": OWN},
        {"Service": REGIONAL},
        {"Service": [SERVICE, REGIONAL]},
        {"Service": ANOTHER},
        {"Service": [SERVICE, ANOTHER]},
        {"Service": [SERVICE, "ec2.amazonaws.com"], "AWS": OWN},
    ]
)
actions = st.sampled_from(
    [
        "sts:AssumeRole",
        "sts:AssumeRole",
        "sts:*",
        "*",
        ["sts:TagSession", "sts:assumerole"],
        "sts:TagSession",
    ]
)


@st.composite
def statements(draw: st.DrawFn, effect: str) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": draw(principals), "Action": draw(actions)}
    if condition := draw(conditions()):
        statement["Condition"] = condition
    return statement


documents = st.builds(
    lambda allows, denials, version: {"Version": version, "Statement": [*allows, *denials]},
    st.lists(statements("Allow"), min_size=1, max_size=3),
    st.lists(statements("Deny"), max_size=3),
    st.sampled_from(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]),
)
trusting = st.sampled_from(
    [
        TrustSettings(services=services, accounts=accounts, own_account=OWN)
        for services in ((SERVICE,), (SERVICE,), (SERVICE, ANOTHER))
        for accounts in (None, frozenset({OWN}), frozenset({OWN, OTHER}))
    ]
)
