"""Whatever is in a resource, no policy fails: an exception in one would end everybody's run."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from personalize_guardrails.policies import pack_policies
from personalize_permissions.testing import UNKNOWN, policy_arguments, stack_arguments
from tests.pack.spellings import SPELLINGS, resource

POLICIES: list[Any] = pack_policies()
SERVICE = {"Service": "personalize.amazonaws.com"}


def document(action: str, on: str | None = None, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, **({"Resource": on} if on else {}), **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


STACK = (
    document("sts:AssumeRole", Principal=SERVICE, Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
    document("s3:GetObject", "arn:aws:s3:::data/*"),
    document("s3:ListBucket", "arn:aws:s3:::data", Principal=SERVICE),
    document("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
)
ODD = st.recursive(
    st.sampled_from([None, True, 1.5, "", "*", "{", "[]", "Resources:", UNKNOWN, {"Ref": "Service"}, {"Fn::If": ["A", {}]}]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["Fn::If", "Fn::Sub", "Ref", "AWS", ""]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def spoilt(value: Any, draw: Any) -> Any:
    """The value with one thing in it replaced by something odd; texts of JSON are gone into."""
    if isinstance(value, str) and value.startswith("{"):
        inner = spoilt(json.loads(value), draw)
        try:
            return json.dumps(inner)
        except TypeError:  # it holds what is not known, so the text is not known
            return UNKNOWN
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 5)) == 0:
        return draw(ODD)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = draw(st.sampled_from(keys))
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[key] = spoilt(value[key], draw)
    return changed


@settings(max_examples=100)
@given(st.data())
def test_no_policy_fails(data: st.DataObject) -> None:
    resources = SPELLINGS[data.draw(st.sampled_from(sorted(SPELLINGS)))](*STACK)
    index = data.draw(st.integers(0, len(resources) - 1))
    outputs = spoilt(resources[index].outputs, data.draw)
    one = resources[index] = resource(resources[index].type, **(outputs if isinstance(outputs, dict) else {}))
    config = {"accounts": ["123456789012"]}
    for policy in POLICIES:
        try:
            if hasattr(policy, "remediate"):
                policy.remediate(policy_arguments(one.type, one.outputs, config=config, remediation=True))
                policy.validate(policy_arguments(one.type, one.outputs, config=config), lambda *_: None)
            else:
                policy.validate(stack_arguments(resources, config=config), lambda *_: None)
        except UnknownValueError:
            continue  # the SDK's way to leave a thing to the update
