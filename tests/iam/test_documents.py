"""Documents keep their meaning through parse, merge and render."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from personalize_guardrails.iam import (
    Arn,
    Condition,
    ConditionOperator,
    Effect,
    MalformedPolicy,
    PolicyDocument,
    Principal,
    Statement,
    account_in,
    escape_unprintable,
)
from personalize_guardrails.iam.patterns import matches_wildcards

CASES = Path(__file__).parent / "cases"


def rows(table: str) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in json.loads((CASES / f"{table}.json").read_text())]


@pytest.mark.parametrize("row", rows("kept"))
def test_what_others_wrote_is_kept(row: dict[str, Any]) -> None:
    rendered = PolicyDocument.parse(row["document"]).to_dict()
    assert rendered == row.get("rendered", row["document"]), row["why"]
    assert PolicyDocument.parse(json.dumps(row["document"])).to_dict() == rendered


@pytest.mark.parametrize("row", rows("refused"))
def test_what_cannot_be_kept_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        PolicyDocument.parse(row["text"])
    assert (caught.value.code, caught.value.path) == (row["code"], row["path"]), row["why"]
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("row", rows("arns"))
def test_an_arn_is_read_whole_or_refused(row: dict[str, Any]) -> None:
    if "fault" in row:
        with pytest.raises(ValueError, match=row["fault"]):
            Arn.parse(row["text"])
    else:
        arn = Arn.parse(row["text"])
        assert [arn.partition, arn.service, arn.region, arn.account, arn.resource] == row["parts"], row["why"]
        assert str(arn) == row["text"]


texts = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8)
listed = st.lists(texts, min_size=1, max_size=3).map(tuple)
principals = st.builds(Principal.aws, texts) | st.builds(Principal.service, texts)
operators = st.sampled_from(["StringEquals", "ForAllValues:ArnLikeIfExists", "Null", "DateLessThan", "NotIpAddress"])
conditions = st.builds(lambda operator, key, values: Condition.of(operator, key, *values), operators, texts, listed)
statements = st.builds(
    lambda effect, sid, who, actions, resources, tests: Statement(
        effect=effect,
        sid=sid,
        principals=tuple(who),
        actions=actions,
        resources=resources,
        conditions=tuple({(test.operator, test.key): test for test in tests}.values()),
    ),
    st.sampled_from(Effect),
    st.none() | st.text(st.characters(blacklist_categories=["Cs"]), max_size=5),
    st.lists(principals, max_size=3),
    listed,
    listed,
    st.lists(conditions, max_size=3),
)
documents = st.builds(
    PolicyDocument, st.lists(statements, min_size=1, max_size=3).map(tuple), st.sampled_from(["2012-10-17", None])
)


@given(documents)
def test_parsing_what_was_rendered_gives_the_same(document: PolicyDocument) -> None:
    assert PolicyDocument.parse(document.to_json()) == document
    assert PolicyDocument.parse(document.to_dict()) == document


@given(statements, st.randoms(use_true_random=False))
def test_the_order_of_values_never_shows(statement: Statement, chance: Any) -> None:
    shuffled = Statement(
        effect=statement.effect,
        sid=statement.sid,
        principals=tuple(chance.sample(statement.principals, len(statement.principals))),
        actions=tuple(chance.sample(statement.actions, len(statement.actions))) + statement.actions[:1],
        resources=tuple(chance.sample(statement.resources, len(statement.resources))),
        conditions=tuple(chance.sample(statement.conditions, len(statement.conditions))),
    )
    assert shuffled == statement
    assert PolicyDocument((shuffled,)).to_json() == PolicyDocument((statement,)).to_json()


def grant(action: str, sid: str | None = None) -> Statement:
    return Statement(effect=Effect.ALLOW, sid=sid, actions=(action,), resources=("*",))


def test_a_merge_replaces_by_sid_in_place_and_appends_the_rest() -> None:
    ours = PolicyDocument((grant("s3:A", "a"), grant("s3:B")), version="2008-10-17", id="theirs")
    merged = ours.merge(PolicyDocument((grant("s3:C", "c"), grant("s3:D", "a"), grant("s3:B"))))
    assert [(one.sid, one.actions) for one in merged.statements] == [
        ("a", ("s3:D",)),
        (None, ("s3:B",)),
        ("c", ("s3:C",)),
    ]
    assert (merged.version, merged.id) == ("2008-10-17", "theirs")


def test_statements_with_an_empty_sid_are_never_taken_for_namesakes() -> None:
    merged = PolicyDocument((grant("s3:A", ""),)).merge(PolicyDocument((grant("s3:B", ""),)))
    assert len(merged.statements) == 2


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_merge_by_a_sid_that_appears_twice_is_refused(side: str) -> None:
    twice, once = PolicyDocument((grant("s3:A", "a"), grant("s3:B", "a"))), PolicyDocument((grant("s3:C", "a"),))
    with pytest.raises(ValueError, match="several statements have one Sid"):
        (twice.merge(once) if side == "ours" else once.merge(twice))


def test_a_merge_that_would_turn_variables_into_letters_is_refused() -> None:
    home = Statement(effect=Effect.ALLOW, actions=("s3:*",), resources=("arn:aws:s3:::home/${aws:username}",))
    with pytest.raises(ValueError, match="policy variables"):
        PolicyDocument((grant("s3:A"),), version=None).merge(PolicyDocument((home,)))


@given(documents)
def test_merging_twice_changes_nothing(document: PolicyDocument) -> None:
    sids = [one.sid for one in document.statements if one.sid]
    if len(set(sids)) < len(sids) or "${" in document.to_json():
        return
    once = PolicyDocument((grant("s3:A", "own"),)).merge(document)
    assert once.merge(document) == once


def test_white_space_does_not_count_as_size() -> None:
    document = PolicyDocument((grant("s3:A", "with two spaces"),))
    assert document.size == len(document.to_json()) - 2


@pytest.mark.parametrize(
    ("text", "base", "quantifier", "if_exists", "negated"),
    [
        ("StringEquals", "StringEquals", None, False, False),
        ("ForAllValues:StringNotLikeIfExists", "StringNotLike", "ForAllValues", True, True),
        ("ForAnyValue:ArnLike", "ArnLike", "ForAnyValue", False, False),
        ("NotIpAddress", "NotIpAddress", None, False, True),
        ("Null", "Null", None, False, False),
    ],
)
def test_an_operator_is_read_in_its_parts(
    text: str, base: str, quantifier: str | None, if_exists: bool, negated: bool
) -> None:
    operator = ConditionOperator.parse(text)
    assert (operator.base, operator.quantifier, operator.if_exists, operator.negated) == (
        base,
        quantifier,
        if_exists,
        negated,
    )
    assert str(operator) == text


@pytest.mark.parametrize(
    "text", ["stringequals", "StringEqual", "ForSome:StringEquals", "NullIfExists", "ForAllValues:Null", ""]
)
def test_an_unknown_operator_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"operator|Null"):
        ConditionOperator.parse(text)


def test_a_misspelled_operator_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean StringEquals"):
        ConditionOperator.parse("stringEquals")


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get[O]bject", "s3:GetObject", False),
        ("*", "a\nb", True),
        ("", "a", False),
        ("*a*a*a*a*a*a*b", "a" * 400, False),
    ],
)
def test_wildcards_are_star_and_question_mark_only(pattern: str, text: str, matched: bool) -> None:
    assert matches_wildcards(pattern, text) is matched


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:iam::123456789012:role/a:b", "123456789012"),
        ("arn:aws:s3:::bucket", ""),
        ("arn:aws:iam::12345678901:role/a", ""),
        ("arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/a", ""),
        ("123456789012", ""),
        (None, ""),
    ],
)
def test_the_account_of_an_arn_has_twelve_digits(arn: object, account: str) -> None:
    assert account_in(arn) == account


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert escape_unprintable("a\x1b[2Jb\ud800") == "a\\x1b[2Jb\\ud800"
    assert escape_unprintable("é b") == "é b"
