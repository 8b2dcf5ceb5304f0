"""Answers about trust policies agree with an independent evaluator, on every case that the rule's tables hold."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import MockResourceArgs

from personalize_guardrails.iam import MalformedPolicy, PolicyDocument
from personalize_permissions.testing import PermissionsMocks, Recorded
from tests.trust.simulator import Request, allows

CASES = Path(__file__).parents[1] / "trust" / "cases"
SERVICE = "personalize.amazonaws.com"
# Where AWS's behavior is not documented the simulator takes the side that admits more, as the rule must; the kit
# answers a concrete request, so it takes conditions at their word and never admits more than the simulator.
UNDOCUMENTED = {
    "denials": {"a denial with an empty list"},
    "operators": {
        "for any value if it exists",
        "ARN-like that is a star",
        "ARN that ends after the service",
        "numeric operator",
        "boolean operator",
        "date operator",
        "binary operator",
        "address operator",
        "ARN operator on the account",
        "empty list",
        "null with anything",
        "two bounds with a number between them",
        "a number beside the one that is denied",
    },
    "keys": {"an address"},
    "principals": {
        "upper case",
        "all but a regional name denied",
        "a star as a service",
        "a pattern as a service",
    },
    # To the rule a variable is unknown text; in a request it has its value, or none.
    "variables": {
        "a variable as the account",
        "a variable with a default",
        "half a variable",
        "a variable in the ARN's account",
        "a variable in the ARN's resource",
        "a variable in a denial",
        "the role's own account by its variable",
        "the role's own account by its variable, under both keys",
        "the variable in other letters",
        "the variable where the own account is not trusted",
        "the variable of the ARN alone",
        "the variable of the ARN, and an account that may be absent",
        "the variable of the ARN beside an unknown one",
        "the variable in the resource",
    },
}
OWN, OTHER = "111122223333", "999988887777"


def well_formed() -> list[Any]:
    """Documents that the strict reader takes, with no undocumented part that the two may read differently."""
    found = []
    for path in sorted(CASES.glob("*.json")):
        for case in json.loads(path.read_text()):
            document = case["document"]
            try:
                parsed = PolicyDocument.parse(document)
            except (MalformedPolicy, TypeError):
                continue
            if not all(statement.principals or statement.not_principals for statement in parsed.statements):
                continue
            undocumented = case["name"] in UNDOCUMENTED.get(path.stem, ())
            found.append(pytest.param(document, undocumented, id=f"{path.stem}: {case['name']}"))
    return found


def recorded_role(document: Any) -> Recorded:
    mocks = PermissionsMocks()
    mocks.new_resource(MockResourceArgs("aws:iam/role:Role", "role", {"assumeRolePolicy": document}))
    return Recorded(mocks)


@pytest.mark.parametrize(("document", "undocumented"), well_formed())
def test_both_evaluators_give_the_same_answer(document: Any, undocumented: bool) -> None:
    recorded = recorded_role(document)
    parsed = json.loads(document) if isinstance(document, str) else document
    differing = 0
    arns = (None, *(f"arn:aws:personalize:us-east-1:{owner}:dataset/x" for owner in (OWN, OTHER, "123456789012")))
    for account, arn in itertools.product((None, OWN, OTHER, "123456789012"), arns):
        answer = recorded.may_assume("role", account=account, source_arn=arn)
        context = {
            "aws:SecureTransport": "true",
            "aws:RequestedRegion": "us-east-1",
            "aws:ResourceAccount": "123456789012",
            "aws:ViaAWSService": "false",
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": SERVICE,
            "aws:CurrentTime": "2026-01-01T00:00:00Z",
            "aws:EpochTime": "1767225600",
        }
        expected = allows(parsed, Request(SERVICE, account, arn, context))
        differing += bool(answer) is not expected
        assert bool(answer) is expected or (undocumented and expected), (account, arn, answer)
    assert bool(differing) is undocumented
