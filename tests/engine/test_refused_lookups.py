"""Lookups that AWS refuses: reported as what they mean for the permission set, without a traceback or a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cloud import Cloud
from sandbox.engine import Engine
from sandbox.session import Sandbox
from tests.faults.injection import Fault, FaultyCloud, Rule
from tests.support.inline import InlineSandbox

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
from personalize_permissions import PersonalizePermissions

bucket = pulumi.Config().require_secret("bucket")
PersonalizePermissions("recs", {"buckets": [{"bucket": bucket, "uses": ["import"]}]})
"""


@pytest.fixture
def faulty(account: Cloud) -> Iterator[FaultyCloud]:
    account.reset()
    with FaultyCloud.before(account) as faulty:
        yield faulty
    assert faulty.errors == []


@pytest.mark.parametrize(
    ("calls", "reported"),
    [
        (
            "s3:GetBucketPolicy",
            ".bucket_policy: would replace the bucket's policy, which the AWS provider cannot read; ",
        ),
        ("sts:GetCallerIdentity", "region of the AWS provider cannot be looked up: "),
    ],
)
def test_a_lookup_that_is_refused_is_reported(
    calls: str, reported: str, faulty: FaultyCloud, engine: Engine, pulumi_home: Path, tmp_path: Path
) -> None:
    faulty.moto.s3().create_bucket(Bucket="veiled-bucket")
    sandbox = InlineSandbox(tmp_path, engine, faulty.cloud, home=pulumi_home)
    stack = sandbox.program(PROGRAM, {"bucket": {"secret": "veiled-bucket"}})
    faulty.plan = Rule(meets=Fault.REFUSED, calls=calls, only_writes=False, times=100)
    done = stack.preview(check=False)
    assert not done.ok
    assert reported in done.output
    assert "AccessDenied" in done.output
    assert "Traceback" not in done.output
    assert "veiled" not in done.output


MISSING = """
import pulumi
import pulumi_aws as aws
from personalize_permissions import PersonalizePermissions

made = pulumi.Config().get("made")
bucket = aws.s3.Bucket("made", bucket="shop-made") if made else None
PersonalizePermissions(
    "recs",
    {"buckets": [{"bucket": bucket.bucket if made == "output" else "shop-made", "uses": ["import"], "label": "data"}]},
    pulumi.ResourceOptions(depends_on=[bucket] if made == "dependency" else None),
)
"""


def test_a_bucket_that_nobody_makes_is_refused_in_preview(sandbox: Sandbox) -> None:
    stack = sandbox.program(MISSING)
    done = stack.preview(check=False)
    assert not done.ok
    assert 'buckets["data"].bucket: is not the name of a bucket that exists' in done.output
    assert "nothing was made or altered" in done.output
    for made in ("output", "dependency"):
        stack.configure({"made": made})
        assert stack.preview().ok
    stack.up()
    assert stack.preview().changes == {}
