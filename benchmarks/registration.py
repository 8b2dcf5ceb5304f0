"""Registering permission sets through the component, against the same resources and outputs by hand, on the engine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.buckets import make_buckets
from benchmarks.measure import Row, megabytes, seconds, timed
from sandbox import cloud as moto
from sandbox.engine import resolve
from sandbox.session import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTS = (20, 200)
SMALL = (12,)
"""More than a person may have managed policies."""

COMPONENT = """
from personalize_permissions import PersonalizePermissions
for index in range(N):
    PersonalizePermissions(f"set{index}", {
        "users": [f"alice{index}", f"bob{index}"],
        "buckets": [{"bucket": f"data-{index}", "uses": ["import"]}],
    })
"""
BY_HAND = """
import pulumi_aws as aws
account = aws.get_caller_identity_output().account_id
partition = aws.get_partition_output().partition
region = aws.get_region_output().region

class Part(pulumi.ComponentResource):
    def __init__(self, kind, name, parent=None):
        super().__init__(f"by-hand:index:{kind}", name, None, pulumi.ResourceOptions(parent=parent))

def statement(**more):
    return {"Effect": "Allow", **more}

def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

for index in range(N):
    name = f"set{index}"
    whole = Part("Permissions", name)
    access, service, bucket = (Part(kind, f"{name}-{kind}", whole) for kind in ("access", "service", "bucket"))
    policy = aws.iam.Policy(f"{name}-policy", policy=document(
        statement(Action=["personalize:*"], Resource="*"),
        statement(Action=["iam:PassRole"], Resource="*",
                  Condition={"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}),
    ), opts=pulumi.ResourceOptions(parent=access))
    for user in (f"alice{index}", f"bob{index}"):
        aws.iam.UserPolicyAttachment(f"{name}-{user}", user=user, policy_arn=policy.arn,
                                     opts=pulumi.ResourceOptions(parent=access))
    role = aws.iam.Role(f"{name}-role", assume_role_policy=pulumi.Output.all(account, partition, region).apply(
        lambda found: document(statement(
            Principal={"Service": "personalize.amazonaws.com"}, Action="sts:AssumeRole",
            Condition={"StringEquals": {"aws:SourceAccount": found[0]},
                       "ArnLike": {"aws:SourceArn": f"arn:{found[1]}:personalize:{found[2]}:{found[0]}:*"}}))),
        force_detach_policies=True, opts=pulumi.ResourceOptions(parent=service))
    aws.iam.RolePolicyAttachment(f"{name}-attached", role=role.name, policy_arn=policy.arn,
                                 opts=pulumi.ResourceOptions(parent=service))
    arn = f"arn:aws:s3:::data-{index}"
    grants = [{"Action": ["s3:GetObject"], "Resource": f"{arn}/*"}, {"Action": ["s3:ListBucket"], "Resource": arn}]
    inline = document(*(statement(**grant) for grant in grants))
    aws.iam.RolePolicy(f"{name}-data", role=role.name, policy=inline,
                       opts=pulumi.ResourceOptions(parent=bucket))
    aws.s3.get_bucket_policy_output(bucket=f"data-{index}").apply(lambda found: found.policy).recover(lambda _: None)
    opened = aws.s3.BucketPolicy(f"{name}-data", bucket=f"data-{index}", policy=document(
        *(statement(Principal={"Service": "personalize.amazonaws.com"}, **grant) for grant in grants)),
        opts=pulumi.ResourceOptions(parent=bucket))
    access.register_outputs({"policy_arn": policy.arn})
    service.register_outputs({"role_arn": role.arn, "role_name": role.name, "policy_arn": policy.arn,
                              "trust_policy": role.assume_role_policy})
    bucket.register_outputs({"bucket_policy": opened.policy, "role_policy": inline})
    whole.register_outputs({"service_role_arn": role.arn, "service_role_name": role.name, "policy_arn": policy.arn,
                            "trust_policy": role.assume_role_policy,
                            "bucket_policies": {f"data-{index}": opened.policy}, "key_policies": {}})
"""
FRAME = """
import atexit, json, resource
import pulumi
N = {count}
{body}
atexit.register(lambda: open({peak!r}, "w").write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))
"""


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give the rows of the registration."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cloud = moto.start(root, detached=False)
        try:
            sandbox = Sandbox(root, resolve(), cloud)
            repeats = 1 if small else 2
            make_buckets(cloud, max(COUNTS))
            for count in SMALL if small else COUNTS:
                what = f"preview of {count} permission sets"
                ours, our_peak = _measure(sandbox, f"{what} through the component", COMPONENT, count, repeats)
                hand, hand_peak = _measure(sandbox, f"{what} by hand", BY_HAND, count, repeats)
                yield Row(f"{what}, time", seconds(ours), f"by hand {seconds(hand)}", ours / hand, "<= 1.15")
                growth = our_peak / hand_peak
                yield Row(f"{what}, memory", megabytes(our_peak), f"by hand {megabytes(hand_peak)}", growth, "<= 1.15")
        finally:
            cloud.stop()


def _measure(sandbox: Sandbox, what: str, body: str, count: int, repeats: int) -> tuple[float, float]:
    """Return the seconds, and the program's own peak of memory in megabytes."""
    peak = sandbox.root / "peak"
    project = sandbox.program(FRAME.format(count=count, body=body, peak=str(peak)), name="registration")
    took = timed(what, lambda: project.preview("--suppress-outputs"), repeats)
    return took, int(peak.read_text()) / 1024
