"""Whatever the document: an answer, never an exception, and soon."""

from __future__ import annotations

import json
import time
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from personalize_guardrails import Kind, TrustSettings, check_trust_policy

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
words = st.sampled_from(
    ["Statement", "Version", "Effect", "Allow", "Deny", "Principal", "Service", "personalize.amazonaws.com", "Action"]
    + [
        "sts:AssumeRole",
        "Condition",
        "StringEquals",
        "aws:SourceAccount",
        "aws:SourceArn",
        "ArnLike",
        "*",
        "2012-10-17",
    ]
)
values = st.recursive(
    scalars | words, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4)
)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert all(finding.kind in Kind for finding in check_trust_policy(text))


@given(st.dictionaries(words, values, max_size=5))
def test_any_mapping_gets_the_answer_of_its_text(document: Any) -> None:
    assert check_trust_policy(document) == check_trust_policy(json.dumps(document))


@given(st.dictionaries(words, values, max_size=3) | st.text(max_size=50), st.text(max_size=14), st.text(max_size=30))
def test_any_settings_get_an_answer(document: Any, account: str, service: str) -> None:
    check_trust_policy(document, TrustSettings(services=(service,), accounts=frozenset({account})))


class Hostile(dict[str, object]):
    def __getitem__(self, key: str) -> object:
        raise RuntimeError(key)


def test_a_list_that_stands_in_many_places_is_counted_in_each() -> None:
    shared: list[Any] = []
    for _ in range(30):
        shared = [shared, shared]
    [finding] = check_trust_policy({"Statement": shared})
    assert finding.code == "too-long"


def test_a_key_that_stands_a_thousand_times_is_refused_at_once() -> None:
    text = ",".join(f'"Version": {number}' for number in range(12_000))
    [finding] = check_trust_policy(f"{{{text}}}")
    assert finding.code == "duplicate-keys"


def test_a_number_too_long_to_spell_is_malformed() -> None:
    [finding] = check_trust_policy({"Version": 10**5000, "Statement": []})
    assert finding.code == "unreadable"


def test_a_hostile_mapping_is_malformed() -> None:
    [finding] = check_trust_policy(Hostile(Statement=[]))
    assert finding.kind is Kind.MALFORMED


ALLOW = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
STARS = "*a" * 60
ACCOUNTS = [f"{index:012d}" for index in range(2000)]


def denying(key: str, values: Any, operator: str = "StringNotLike") -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {operator: {key: values}}}


PATHOLOGICAL = {
    "thousands of statements": [ALLOW] * 2000,
    "a pattern of many stars": [
        {**ALLOW, "Condition": {"StringLike": {"aws:SourceArn": STARS, "aws:SourceAccount": STARS}}}
    ],
    "many patterns of many stars": [
        ALLOW,
        *(denying("aws:SourceArn", f"*{index}*{index}*a*{index}") for index in range(12)),
    ],
    "thousands of accounts": [{**ALLOW, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNTS}}}],
    "a denial for each of hundreds of accounts": [
        ALLOW,
        *(denying("aws:SourceAccount", one) for one in ACCOUNTS[:300]),
    ],
    "a denial for each of many ARNs": [
        *({**ALLOW, "Condition": {"StringLike": {"aws:SourceArn": f"*:{one}:*"}}} for one in ACCOUNTS[:150]),
        *(denying("aws:SourceAccount", one, "StringNotEquals") for one in ACCOUNTS[:150]),
    ],
    "thousands of accounts and a denial": [
        {
            **ALLOW,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNTS},
                "ArnLike": {"aws:SourceArn": [f"arn:aws:personalize:*:{one}:*" for one in ACCOUNTS]},
            },
        },
        denying("aws:SourceAccount", ACCOUNTS[1:], "StringEquals"),
        {**ALLOW, "Condition": {"StringLike": {"aws:SourceAccount": "1*"}}},
    ],
    "a guarded statement and denials that no class of ARNs tells apart": [
        {
            **ALLOW,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNTS[1]},
                "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:*:{ACCOUNTS[1]}:*"},
            },
        },
        *(denying("aws:SourceArn", f"arn:*:*:*:*:*{index}*", "ArnLike") for index in range(20)),
        {**ALLOW, "Condition": {"StringLike": {"aws:SourceAccount": "1*"}}},
    ],
    "thousands of regional names": [
        {**ALLOW, "Principal": {"Service": [f"personalize.r{index}.amazonaws.com" for index in range(6500)]}}
    ],
    "regional names in hundreds of statements": [
        {**ALLOW, "Principal": {"Service": [f"personalize.r{some}-{index}.amazonaws.com" for index in range(8)]}}
        for some in range(500)
    ],
    "thousands of keys": [
        {
            **ALLOW,
            "Condition": {
                "StringEquals": {f"aws:Key{index}": "x" for index in range(15_000)},
                "StringLikeIfExists": {"aws:SourceAccount": ACCOUNTS[1], "aws:SourceArn": f"*:{ACCOUNTS[1]}:*"},
            },
        }
    ],
    "denials under many keys": [ALLOW, *(denying(f"aws:Key{index}", "x*y") for index in range(40))],
    "a long pattern": [
        {**ALLOW, "Condition": {"StringLike": {"aws:SourceArn": "a" * 50_000, "aws:SourceAccount": "1*"}}}
    ],
}


@pytest.mark.parametrize("statements", PATHOLOGICAL.values(), ids=PATHOLOGICAL.keys())
def test_no_document_is_slow(statements: Any) -> None:
    started = time.process_time()
    findings = check_trust_policy({"Version": "2012-10-17", "Statement": statements})
    assert findings
    # Far above what any takes, and far below what following every combination would.
    assert time.process_time() - started < 20
