"""The audit of an account's roles, against json.loads of the same export: time, and how memory grows."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

from benchmarks.measure import Row, fastest, megabytes, seconds
from personalize_guardrails.audit import check_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "123456789012"
SERVICES = (
    "lambda",
    "ec2",
    "ecs-tasks",
    "states",
    "events",
    "glue",
    "codebuild",
    "firehose",
    "scheduler",
    "personalize",
)
ROLES = 10_000


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give the rows of the audit."""
    roles, repeats = (100, 1) if small else (ROLES, 3)
    text = export(roles)
    ours = fastest(lambda: _audit(text), repeats)
    peer = fastest(lambda: json.loads(text), repeats)
    yield Row(f"audit of {roles:,} roles", seconds(ours), f"json.loads {seconds(peer)}", ours / peer, "<= 3")
    half, whole = _peak(roles // 2), _peak(roles)
    yield Row(f"audit of {roles:,} roles, memory", megabytes(whole), megabytes(half), whole / half, "about 1")


def export(count: int) -> str:
    """Return what `aws iam get-account-authorization-details` prints of so many roles, one in ten for Personalize."""
    return json.dumps({"RoleDetailList": [_role(index) for index in range(count)]}, indent=4)


def _role(index: int) -> dict[str, object]:
    service = SERVICES[index % len(SERVICES)]
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if service == "personalize":
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
        }
    allowed = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": f"arn:aws:s3:::data-{index}/*",
    }
    return {
        "Path": "/",
        "RoleName": f"role-{index}",
        "RoleId": f"AROA{index:017d}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/role-{index}",
        "CreateDate": "2026-01-31T12:00:00+00:00",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "InstanceProfileList": [],
        "RolePolicyList": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}},
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"},
        ],
        "Tags": [{"Key": "team", "Value": f"team-{index % 40}"}],
        "RoleLastUsed": {"LastUsedDate": "2026-02-28T12:00:00+00:00", "Region": "us-east-1"},
    }


def _reader(text: str) -> Callable[[int], str]:
    at = 0

    def read(size: int) -> str:
        nonlocal at
        piece = text[at : at + size]
        at += size
        return piece

    return read


def _audit(text: str) -> int:
    return sum(1 for _ in check_text("account.json", _reader(text)))


def _peak(count: int) -> float:
    """Return the peak of memory in megabytes beside the export itself."""
    text = export(count)
    tracemalloc.start()
    _audit(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6
