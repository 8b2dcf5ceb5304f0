"""What the component makes passes the pack: no violation, and no advice but what its choices mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from personalize_guardrails.policies import pack_policies
from personalize_permissions import BucketUse, PersonalizePermissions
from personalize_permissions.testing import run, violations

ADMINISTRATION = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def advice(**arguments: Any) -> set[tuple[str, str]]:
    """Policy and the beginning of each message."""
    key = {"key_arn": KEY, "existing_policy": json.dumps(ADMINISTRATION), "dataset_export": True}

    def program() -> None:
        PersonalizePermissions("shop", {"users": ["alice"], "keys": [key], **arguments})  # type: ignore[typeddict-item]

    made = run(program)
    return {(policy.name, message) for policy in pack_policies() for message in violations(policy, made)}


@pytest.mark.parametrize("use", BucketUse, ids=lambda use: use.value)
def test_least_privilege_is_advised_nothing(use: BucketUse) -> None:
    buckets = [{"bucket": "data", "uses": [use.value]}, {"bucket": "more", "uses": [use.value], "prefix": "shop/"}]
    assert advice(policy="least-privilege", buckets=buckets) == set()
    assert advice(policy="least-privilege", buckets=buckets, confine_to_source=True) == set()


@pytest.mark.parametrize("policy", ["custom", "managed"])
def test_the_guides_own_policies_let_the_service_role_pass_roles(policy: str) -> None:
    reported = advice(policy=policy)
    assert {name for name, _ in reported} == {"service-role-least-privilege"}
    assert all("pass roles, which Personalize never needs" in message for _, message in reported)
