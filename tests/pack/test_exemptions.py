"""Exemptions, wherever the role is: those in use are listed, those over are violations, the others are mentioned."""

from __future__ import annotations

from typing import Any

import pytest

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import policy_arguments, stack_arguments
from tests.pack.spellings import SPELLINGS

POLICIES: dict[str, Any] = {policy.name: policy for policy in pack_policies()}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
USED = {"name": "resource", "reason": "moves", "expires": "2999-12-31"}
UNUSED = {"path": "/elsewhere/", "reason": "is not here", "expires": "2999-12-31"}
OVER = {"name": "res*", "reason": "moved", "expires": "2020-01-01"}


@pytest.mark.parametrize("spelling", ["inline", "native", "native, apart", "cloud control", "cloudformation"])
def test_a_role_is_exempted_wherever_it_stands(spelling: str) -> None:
    resources = SPELLINGS[spelling](TRUST, NOTHING, NOTHING, NOTHING)
    [role] = [each for each in resources if "assumerole" in str(each.outputs).lower()]

    def violations(*exemptions: dict[str, str]) -> list[str]:
        found: list[str] = []
        arguments = policy_arguments(role.type, role.outputs, config={"exemptions": list(exemptions)})
        POLICIES["trust-policy-source-conditions"].validate(arguments, lambda message, _urn=None: found.append(message))
        return found

    def listed(*exemptions: dict[str, str]) -> list[tuple[str, bool]]:
        found: list[tuple[str, bool]] = []
        arguments = stack_arguments(resources, config={"exemptions": list(exemptions)})
        POLICIES["trust-policy-exemptions"].validate(arguments, lambda message, urn: found.append((message, bool(urn))))
        return found

    assert len(violations()) == 1
    assert violations(USED, UNUSED, OVER) == []
    assert listed(USED, UNUSED, OVER) == [
        ("Exempted from trust-policy-source-conditions: name resource until 2999-12-31, because moves.", True),
        (
            "No role in this stack needs the exemption for path /elsewhere/ until 2999-12-31, because is not here.",
            False,
        ),
    ]
    [over] = violations(OVER, UNUSED)
    assert "The exemption for it expired on 2020-01-01." in over
