"""What the rule says is true of every request: none is missed, none is a false alarm, and every witness is allowed."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from personalize_guardrails import Finding, Kind, TrustSettings, check_trust_policy
from personalize_guardrails.iam.patterns import like
from personalize_guardrails.trust.remediation import remedied_document
from personalize_guardrails.trust.remedy_conditions import ACCOUNT_PLACEHOLDER
from tests.trust.documents import ANOTHER, OWN, SERVICE, documents, statements, trusting
from tests.trust.promise import Verdict, requests, verdict
from tests.trust.simulator import Request, allows

budget = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def trusted_by(chosen: TrustSettings) -> frozenset[str]:
    return chosen.accounts if chosen.accounts is not None else frozenset({OWN})


def kinds(document: Any, chosen: TrustSettings) -> list[str]:
    return sorted({finding.kind.value for finding in check_trust_policy(document, chosen)})


def names_a_key_nowhere(document: dict[str, Any], finding: Finding) -> bool:
    """Whether the Allow of a finding without a witness lacks a condition that needs one of the source keys."""
    statement = document["Statement"][int(finding.path.removeprefix("Statement[").removesuffix("]"))]
    needing = {
        key
        for operator, block in statement.get("Condition", {}).items()
        for key in block
        if not ("IfExists" in operator or "Not" in operator or "ForAllValues" in operator)
        and block[key] not in ("true", ["true"])
    }
    return not {"aws:SourceAccount", "aws:SourceArn"} <= needing


@budget
@given(documents, trusting)
def test_the_verdict_is_the_promise(document: dict[str, Any], chosen: TrustSettings) -> None:
    trusted = trusted_by(chosen)
    for service in chosen.services:
        alone = TrustSettings(services=(service,), accounts=chosen.accounts, own_account=chosen.own_account)
        findings = check_trust_policy(document, alone)
        assert not any(finding.kind is Kind.MALFORMED for finding in findings)
        unguarded = [finding for finding in findings if finding.kind is Kind.UNGUARDED]
        promised = verdict(document, service, trusted)
        if not unguarded:
            assert not promised.is_unguarded
        if any(finding.kind is Kind.UNSATISFIABLE for finding in findings):
            assert not promised.trusted
        for finding in unguarded:
            if finding.witness is None:
                assert names_a_key_nowhere(document, finding) or "${" in json.dumps(document)
                continue
            shown = finding.witness
            request = Request(shown.service, shown.source_account, shown.source_arn, shown.context, OWN)
            assert allows(document, request)
            assert allows(document, request, exact=True)
            assert document["Statement"][shown.statement]["Effect"] == "Allow"
            own = replace(request, account=(shown.source_arn or ":" * 5).split(":")[4])
            if allows(document, own):  # the grid may lack this very ARN
                promised.add(own, trusted)
            wrong = Verdict(trusted=promised.trusted)
            wrong.add(request, trusted)
            assert wrong.is_unguarded


@budget
@given(documents, statements("Allow"), trusting)
def test_another_statement_never_makes_a_document_guarded(document: Any, more: Any, chosen: TrustSettings) -> None:
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

    assert kinds(document, chosen) == kinds(shuffled(document), chosen)


@budget
@given(documents, trusting, st.data())
def test_split_statements_and_needless_denials_change_nothing(document: Any, chosen: TrustSettings, data: Any) -> None:
    split: list[Any] = []
    for statement in document["Statement"]:
        blocks = statement.get("Condition", {})
        several = [
            (operator, key)
            for operator, block in blocks.items()
            for key, values in block.items()
            if isinstance(values, list) and len(set(values)) > 1 and "Not" not in operator and ":" not in operator
        ]
        if not several or statement["Effect"] != "Allow":
            split.append(statement)
            continue
        operator, key = data.draw(st.sampled_from(several))
        split += [
            {**statement, "Condition": {**blocks, operator: {**blocks[operator], key: value}}}
            for value in blocks[operator][key]
        ]
    needless = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
    }
    assert kinds(document, chosen) == kinds({**document, "Statement": [*split, needless]}, chosen)


@budget
@given(documents, trusting)
def test_text_and_mapping_are_checked_alike(document: Any, chosen: TrustSettings) -> None:
    assert check_trust_policy(document, chosen) == check_trust_policy(json.dumps(document), chosen)


@budget
@given(documents, trusting)
def test_a_remedy_guards_and_lets_in_nobody_new_and_keeps_out_no_other(document: Any, chosen: TrustSettings) -> None:
    known = TrustSettings(chosen.services, chosen.accounts, chosen.own_account, region="us-east-1")
    after = remedied_document(document, known)
    if after is None:
        return
    assert isinstance(after, dict)
    assert not any(finding.kind is Kind.UNGUARDED for finding in check_trust_policy(after, known))
    others = [service for service in ("ec2.amazonaws.com", "sagemaker.amazonaws.com") if service not in chosen.services]
    for request in requests(document, chosen.services[0]):
        if allows(after, request):
            assert allows(document, request)
        for other in others:
            theirs = Request(other, request.account, request.arn, request.context, OWN)
            assert allows(after, theirs) is allows(document, theirs)
    people = [statement["Principal"].get("AWS") for statement in document["Statement"] if statement["Principal"] != "*"]
    kept = [statement["Principal"].get("AWS") for statement in after["Statement"] if statement["Principal"] != "*"]
    assert [name for name in people if name] == [name for name in kept if name]


@budget
@given(documents, trusting)
def test_a_remedy_is_the_smallest_change_that_guards(document: Any, chosen: TrustSettings) -> None:
    known = replace(chosen, region="us-east-1")
    after = remedied_document(document, known)
    if not isinstance(after, dict) or len(after["Statement"]) > len(document["Statement"]):
        return
    unguarded = {finding.path for finding in check_trust_policy(document, known) if finding.kind is Kind.UNGUARDED}
    for index, (given_one, remedied) in enumerate(zip(document["Statement"], after["Statement"], strict=True)):
        assert given_one == remedied or f"Statement[{index}]" in unguarded
        stood, stands = given_one.get("Condition", {}), remedied.get("Condition", {})
        assert {**given_one, "Condition": stands} == {**remedied, "Condition": stands}
        written = [
            (operator, key, stood.get(operator, {}).get(key))
            for operator, block in stands.items()
            for key, values in block.items()
            if stood.get(operator, {}).get(key) != values
        ]
        for operator, key, before in written:
            block = {**stands[operator], key: before} if before is not None else {**stands[operator]}
            if before is None:
                del block[key]
            less = {**remedied, "Condition": {**stands, operator: block}}
            statements_after = [*after["Statement"][:index], less, *after["Statement"][index + 1 :]]
            assert Kind.UNGUARDED.value in kinds({**after, "Statement": statements_after}, known)


@budget
@given(documents, trusting)
def test_the_remedy_of_a_finding_guards_its_statement_and_leaves_it_to_a_trusted_account(
    document: Any, chosen: TrustSettings
) -> None:
    known = replace(chosen, region="us-east-1")
    for finding in check_trust_policy(document, known):
        if finding.remedy is None or ACCOUNT_PLACEHOLDER in str(finding.remedy):
            continue
        index = int(finding.path.removeprefix("Statement[").removesuffix("]"))
        after = copy.deepcopy(document)
        condition = after["Statement"][index].setdefault("Condition", {})
        for operator, test in finding.remedy.items():
            condition.setdefault(operator, {}).update(json.loads(json.dumps(test)))
        found = check_trust_policy(after, replace(known, services=(serving(finding),)))
        assert not any(each.kind is Kind.UNGUARDED and each.path == finding.path for each in found)
        alone = {**after["Statement"][index], "Condition": only_source_keys(condition)}
        assert "unsatisfiable" not in kinds({**after, "Statement": [alone]}, known)


def serving(finding: Finding) -> str:
    """The service that a finding is about, whatever the region in its name."""
    return ANOTHER if "sagemaker." in finding.message else SERVICE


def only_source_keys(condition: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        operator: {key: value for key, value in block.items() if key.lower() in {"aws:sourceaccount", "aws:sourcearn"}}
        for operator, block in condition.items()
    }


@budget
@given(documents, statements("Deny"), statements("Allow"))
def test_statements_about_others_make_nobody_trusted(document: Any, denial: Any, allow: Any) -> None:
    theirs = [{**denial, "Principal": {"AWS": OWN}}, {**allow, "Principal": {"Service": "ec2.amazonaws.com"}}]
    for statement in theirs:
        statement.pop("NotPrincipal", None)
    alone, beside = (
        kinds({**document, "Statement": each}, TrustSettings())
        for each in (document["Statement"], [*document["Statement"], *theirs])
    )
    assert alone == beside


@st.composite
def parts_of_an_account(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """An account, and groups of patterns of parts: of each group one matches the account at least."""
    account = draw(st.text("0123456789", min_size=12, max_size=12).filter(lambda text: text != OWN))
    anything = st.text("0123456789*?", min_size=1, max_size=4).map("*{}*".format)
    groups = []
    for _ in range(draw(st.integers(1, 16))):
        start = draw(st.integers(0, 10))
        width = draw(st.integers(1, 3))
        form = draw(st.sampled_from(["*{}*", "*{}", "{}*", "?*{}*", "*{}?*"]))
        found = form.format(account[start : start + width])
        if not like(found, variables=False).matches(account):
            found = f"*{account[start : start + width]}*"
        groups.append(draw(st.permutations([found, *draw(st.lists(anything, max_size=3))])))
    return account, groups


@budget
@given(parts_of_an_account(), st.booleans())
def test_an_account_that_meets_all_parts_is_never_missed(asked: tuple[str, list[list[str]]], agreeing: bool) -> None:
    _, groups = asked
    key, pattern = ("aws:SourceArn", "arn:aws:personalize:us-east-1:{}:x") if agreeing else ("aws:SourceAccount", "{}")
    operator = "ArnNotLike" if agreeing else "StringNotLike"
    denials = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "*",
            "Condition": {operator: {key: [pattern.format(part) for part in group]}},
        }
        for group in groups
    ]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringLike": {"aws:SourceAccount": "*", "aws:SourceArn": "*"}},
    }
    document = {"Version": "2012-10-17", "Statement": [allow, *denials]}
    [finding] = check_trust_policy(document, TrustSettings(accounts=frozenset({OWN})))
    if agreeing and finding.code == "too-complex":
        return  # refused, which is no miss
    assert finding.kind is Kind.UNGUARDED
    assert finding.witness is not None
    shown = finding.witness
    assert allows(document, Request(shown.service, shown.source_account, shown.source_arn, shown.context, OWN))
