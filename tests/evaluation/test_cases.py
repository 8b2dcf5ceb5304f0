"""The evaluator's answers, row by row, and beside an independent evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_guardrails.iam.evaluation import (
    Caller,
    Policies,
    Request,
    ResourceRule,
    evaluate,
    statements_of,
    statements_that_miss,
)
from tests.evaluation.independent import Asked, decides

TABLES = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "cases").glob("*.json"))}
CASES = [pytest.param(case, id=f"{table}: {case['name']}") for table, cases in TABLES.items() for case in cases]
BEYOND = {"IgnoreCase", "Numeric", "Date", "Binary", "IpAddress", "For", ", '"}
"""Parts of the policy language that the independent evaluation leaves out."""
USER, ROLE = "arn:aws:iam::123456789012:user/alice", "arn:aws:iam::123456789012:role/recs"
SERVICE = "personalize.amazonaws.com"
OBJECT, OTHER = "arn:aws:s3:::data/in/items.csv", "arn:aws:s3:::other/x"


def caller(name: str) -> Caller:
    return Caller.identity(name) if name.startswith("arn:") else Caller.service(name)


def policies(given: dict[str, Any], rule: str = "either") -> Policies:
    return Policies(
        **{side: statements_of(document, side) for side, document in given.items()}, resource_rule=ResourceRule(rule)
    )


@pytest.mark.parametrize("case", CASES)
def test_table(case: dict[str, Any]) -> None:
    request = Request.of(caller(case["caller"]), case["action"], case["resource"], case.get("context"))
    answer = evaluate(request, policies(case["policies"], case.get("rule", "either")))
    decided = [f"{each.policy}[{each.index}]" for each in answer.statements]
    assert {"outcome": answer.outcome.value, "side": answer.side.value, "statements": decided} == case["expected"]
    assert bool(answer) is (answer.outcome == "allowed")


@pytest.mark.parametrize("case", CASES)
def test_an_independent_evaluation_agrees(case: dict[str, Any]) -> None:
    given = case["policies"]
    if "session" in given or any(part in json.dumps(given) for part in BEYOND) or case["caller"].endswith(":root"):
        pytest.skip("beyond the independent evaluation")
    asked = Asked(case["caller"], case["action"], case["resource"], case.get("context", {}))
    sides = [[given[side]] if side in given else [] for side in ("identity", "resource")]
    assert decides(asked, *sides, given.get("boundary"), case.get("rule", "either")) == case["expected"]["outcome"]


def test_every_case_has_a_reason_and_a_name_of_its_own() -> None:
    for cases in TABLES.values():
        assert all(case["why"] for case in cases)
        assert len({case["name"] for case in cases}) == len(cases)


def test_what_misses_is_reported_nearest_first_with_every_reason() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::other/*"},
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {"Effect": "Deny", "Action": "*", "Resource": "*"},
        ],
    }
    request = Request.of(Caller.identity(ROLE), "s3:GetObject", OBJECT, {"aws:SecureTransport": "false"})
    [(first, one), (second, two)] = statements_that_miss(request, statements_of(document, "inline policy a"))
    assert (str(first), one) == (
        "inline policy a, Statement[1]",
        ["Bool aws:SecureTransport does not hold: in the request it is false"],
    )
    assert (second.index, two) == (
        0,
        ["its Action does not match s3:GetObject", f"its Resource does not match {OBJECT}"],
    )


def test_the_statement_that_is_missing_is_the_narrowest_that_allows() -> None:
    request = Request.of(Caller.identity(USER), "iam:PassRole", ROLE, {"iam:PassedToService": SERVICE})
    missing = request.missing_statement("iam:PassedToService")
    assert missing.to_dict() == {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": ROLE,
        "Condition": {"StringEquals": {"iam:PassedToService": SERVICE}},
    }
    by_service = Request.of(Caller.service(SERVICE), "s3:GetObject", OBJECT)
    assert by_service.missing_statement(names_caller=True).to_dict()["Principal"] == {"Service": SERVICE}


def statements(principals: st.SearchStrategy[Any] | None) -> st.SearchStrategy[dict[str, Any]]:
    """Statements about the few things that the requests below are about, so that most of them matter."""
    parts: dict[str, st.SearchStrategy[Any]] = {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": st.sampled_from(["s3:GetObject", "s3:*", "*", "s3:PutObject", ["s3:PutObject", "S3:getobject"]]),
        "Resource": st.sampled_from(["*", "arn:aws:s3:::data/*", OBJECT, "arn:aws:s3:::${aws:username}/*", OTHER]),
    }
    keys = st.sampled_from(["aws:username", "aws:SourceArn"])
    values = st.sampled_from(["data", "arn:aws:personalize:*:*:*", ["data", "d*"]])
    tests = st.dictionaries(keys, values, min_size=1, max_size=1)
    operators = ("StringEquals", "StringNotEquals", "StringLikeIfExists", "ArnLike")
    absence = st.dictionaries(keys, st.sampled_from(["true", "false"]), min_size=1, max_size=1)
    conditions = st.fixed_dictionaries({}, optional={**dict.fromkeys(operators, tests), "Null": absence})
    if principals is not None:
        parts["Principal"] = principals
    return st.fixed_dictionaries(parts, optional={"Condition": conditions})


def documents(principals: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    version = st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"])
    return st.fixed_dictionaries(
        {"Version": version, "Statement": st.lists(statements(principals), min_size=1, max_size=3)}
    )


PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": USER},
        {"AWS": [ROLE, "123456789012"]},
        {"Service": SERVICE},
        {"AWS": "arn:aws:iam::123456789012:root"},
    ]
)


@given(
    who=st.sampled_from([USER, ROLE, SERVICE]),
    resource=st.sampled_from([OBJECT, OTHER]),
    context=st.fixed_dictionaries(
        {}, optional={"aws:username": st.just("data"), "aws:SourceArn": st.just("arn:aws:personalize:us-east-1:1:x")}
    ),
    identity=documents(),
    on_resource=documents(PRINCIPALS),
    boundary=st.none() | documents(),
    rule=st.sampled_from([each.value for each in ResourceRule]),
)
def test_random_policies_are_evaluated_alike(
    who: str,
    resource: str,
    context: dict[str, str],
    identity: dict[str, Any],
    on_resource: dict[str, Any],
    boundary: dict[str, Any] | None,
    rule: str,
) -> None:
    limit = {"boundary": boundary} if boundary else {}
    answer = evaluate(
        Request.of(caller(who), "s3:GetObject", resource, context),
        policies({"identity": identity, "resource": on_resource, **limit}, rule),
    )
    expected = decides(Asked(who, "s3:GetObject", resource, context), [identity], [on_resource], boundary, rule)
    assert answer.outcome.value == expected
