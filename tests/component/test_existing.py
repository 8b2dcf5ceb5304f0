"""Which statements of a live policy would be lost if another were written over it."""

from __future__ import annotations

import json

import pytest

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._documents.merging import foreign_statements

READ = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": "*"}
WRITE = {**READ, "Action": "s3:PutObject"}
GONE = "AROAEXAMPLEID1234567A"
OURS = frozenset({"PersonalizeObjects1"})


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize(
    ("live", "declared", "lost"),
    [
        (READ, READ, []),
        (READ, {**READ, "Sid": "Renamed"}, []),
        ({**READ, "Sid": "Reading"}, READ, []),
        ({**READ, "Sid": "Reading"}, {**WRITE, "Sid": "Reading"}, []),
        ({**READ, "Sid": "PersonalizeObjects1"}, WRITE, []),
        ({**READ, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, READ, []),
        ({**READ, "Principal": "*"}, {**READ, "Principal": {"AWS": "*"}}, []),
        ({**READ, "Principal": {"AWS": "arn:aws:iam::123456789012:user/root"}}, READ, ["Statement[0]"]),
        (READ, WRITE, ["Statement[0]"]),
        ({**READ, "Sid": "Reading"}, {**WRITE, "Sid": "Writing"}, ["Statement[0] (Sid Reading)"]),
        ({**READ, "Principal": {"AWS": GONE}}, WRITE, []),
        ({**READ, "Principal": {"AWS": ["123456789012", GONE]}}, READ, []),
        ({**READ, "Principal": {"AWS": ["123456789012", GONE]}}, WRITE, ["Statement[0]"]),
        ({"Effect": "Deny", "NotPrincipal": {"AWS": GONE}, "Action": "s3:*", "Resource": "*"}, READ, ["Statement[0]"]),
    ],
    ids=[
        "the same",
        "given a Sid",
        "its Sid dropped",
        "stated anew",
        "our own",
        "an account as AWS keeps it",
        "everybody in another spelling",
        "somebody of that account",
        "another",
        "another Sid",
        "a deleted role's",
        "a deleted role beside an account",
        "a deleted role beside an account, all of it gone",
        "a denial to all but a deleted role",
    ],
)
def test_what_would_be_lost(live: dict[str, object], declared: dict[str, object], lost: list[str]) -> None:
    assert foreign_statements(policy(live), PolicyDocument.parse(policy(declared)), OURS) == lost
