"""What people and roles may do: a table of requests, each decided as AWS documents it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import MockResourceArgs

from personalize_permissions.testing import (
    Identity,
    InvalidQuestionError,
    Location,
    PermissionsMocks,
    Recorded,
    UnknownDocumentError,
    assert_may,
    assert_may_not,
    user,
)

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
FULL = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"


def recorded(resources: list[dict[str, Any]], **given: Any) -> Recorded:
    mocks = PermissionsMocks(**given)
    for each in resources:
        mocks.new_resource(MockResourceArgs(each["type"], each["name"], each["inputs"]))
    return Recorded(mocks)


def attached(arn: str) -> dict[str, Any]:
    inputs = {"user": "alice", "policyArn": arn}
    return {"type": "aws:iam/userPolicyAttachment:UserPolicyAttachment", "name": "attached", "inputs": inputs}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_table(case: dict[str, Any]) -> None:
    stack, who = recorded(case["resources"]), Identity(*case["who"], outside=True)
    question = {"on": case["on"], "context": case.get("context", {})}
    decision = stack.may(who, case["action"], **question)
    assert bool(decision) is case["expected"], decision
    asserted, denied = (assert_may, assert_may_not) if case["expected"] else (assert_may_not, assert_may)
    asserted(stack, who, case["action"], **question)
    with pytest.raises(AssertionError, match=r"Missing|denies|too wide|boundary|lets neither"):
        denied(stack, who, case["action"], **question)


def test_every_case_has_a_reason_and_a_name_of_its_own() -> None:
    assert all(case["why"] for case in CASES)
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_a_managed_policy_that_is_not_known_is_no_answer() -> None:
    stack = recorded([attached(FULL)])
    with pytest.raises(UnknownDocumentError, match="AmazonPersonalizeFullAccess"):
        stack.may(user("alice"), "personalize:ListDatasets")
    with pytest.raises(UnknownDocumentError, match="managed_policies"):
        assert_may_not(stack, user("alice"), "personalize:ListDatasets")


def test_a_managed_policy_that_is_given_is_judged() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "personalize:*", "Resource": "*"}],
    }
    stack = recorded([attached(FULL)], managed_policies={FULL: document})
    assert_may(stack, user("alice"), "personalize:ListDatasets")
    assert_may_not(stack, user("alice"), "s3:GetObject")


def test_a_document_that_is_none_names_its_resource() -> None:
    inputs = {"user": "alice", "policy": "{"}
    stack = recorded([{"type": "aws:iam/userPolicy:UserPolicy", "name": "broken", "inputs": inputs}])
    with pytest.raises(ValueError, match="UserPolicy broken"):
        stack.may(user("alice"), "personalize:ListDatasets")


@pytest.mark.parametrize(
    ("action", "on", "reported"),
    [
        ("GetObject", "*", "its service and its name"),
        ("s3:*", "*", "not one action"),
        ("s3:GetObject", "data", "not an ARN"),
    ],
    ids=["no service", "a pattern", "no ARN"],
)
def test_what_nobody_can_ask_for_is_a_mistake_of_the_test(action: str, on: str, reported: str) -> None:
    with pytest.raises(InvalidQuestionError, match=reported):
        assert_may_not(recorded([]), user("alice", outside=True), action, on=on)


def test_an_identity_is_of_the_account_that_its_provider_works_in() -> None:
    mocks = PermissionsMocks(providers={"far": Location("210987654321", "aws", "eu-west-1")})
    far = "urn:pulumi:stack::project::pulumi:providers:aws::far::id"
    root = {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"}
    allow = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    inputs: dict[str, dict[str, Any]] = {
        "aws:iam/user:User": {"name": "alice"},
        "aws:iam/userPolicy:UserPolicy": {"user": "alice", "policy": {"Statement": [allow]}},
        "aws:kms/key:Key": {"policy": {"Statement": [root]}},
    }
    for kind, given in inputs.items():
        mocks.new_resource(MockResourceArgs(kind, "far", given, provider=far))
    stack = Recorded(mocks)
    assert_may(stack, user("alice"), "kms:Decrypt", on=stack.of("Key")["far"].outputs["arn"])


@pytest.mark.parametrize("question", [assert_may, assert_may_not])
def test_a_question_without_an_action_is_an_error(question: Any) -> None:
    with pytest.raises(InvalidQuestionError, match="at least one action"):
        question(recorded([]), user("alice", outside=True))
