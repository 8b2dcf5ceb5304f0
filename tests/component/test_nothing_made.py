"""A message says that nothing was made or altered exactly when that is so."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from personalize_permissions import InvalidArgumentsError, PersonalizePermissions
from personalize_permissions.testing import run
from sandbox.session import Sandbox
from tests.engine.programs import KEY_ADMINISTRATION, people_and_things

SENTENCE = "nothing was made or altered"
KEY = "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LONG = "0123456789" * 50
LATE: dict[str, dict[str, Any]] = {
    "quota": {
        "buckets": [
            {"bucket": f"data-{number}", "uses": ["batch"], "bucket_policy": "statements", "prefix": f"{LONG}/"}
            for number in range(20)
        ]
    },
    "another account": {
        "keys": [
            {
                "key_arn": KEY.format(region="us-east-1", account="210987654321"),
                "existing_policy": KEY_ADMINISTRATION,
            }
        ]
    },
    "another region": {
        "keys": [
            {
                "key_arn": KEY.format(region="eu-west-1", account="123456789012"),
                "existing_policy": KEY_ADMINISTRATION,
            }
        ]
    },
    "an output": {"users": [pulumi.Output.from_input("arn:aws:iam::123456789012:user/alice")]},
}


@pytest.mark.parametrize("case", LATE)
def test_in_a_test_with_mocks_nothing_is_made(case: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=SENTENCE):
        run(lambda: PersonalizePermissions("recs", LATE[case]))  # type: ignore[arg-type] # any arguments


PROGRAM = """
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

key = aws.kms.Key("key")
PersonalizePermissions("recs", {"keys": [{"key_arn": key.key_id, "key_policy": "statements", "label": "data"}]})
"""


@pytest.mark.engine
def test_after_the_program_has_made_a_key_it_is_not_said(sandbox: Sandbox) -> None:
    people_and_things(sandbox)
    stack = sandbox.program(PROGRAM)
    done = stack.up(check=False)
    assert not done.ok
    assert 'keys["data"].key_arn' in done.output or "keys[0].key_arn" in done.output
    assert SENTENCE not in done.output
    assert SENTENCE in stack.preview(check=False).output  # it knows the key now
