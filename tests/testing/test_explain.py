"""The kit's `explain`: the doctor's answer over a program."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from personalize_permissions import PersonalizePermissions
from personalize_permissions.doctor import Health
from personalize_permissions.testing import (
    InvalidQuestionError,
    PermissionsMocks,
    Recorded,
    UnknownDocumentError,
    explain,
    run,
    user,
)

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
FULL = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def stack(bucket: dict[str, Any] | None = None, **more: Any) -> Recorded:
    def program() -> pulumi.Output[str]:
        entry: Any = {"bucket": "acme-data", "label": "data", "uses": ["import"], **(bucket or {})}
        args: Any = {"users": ["alice"], "buckets": [entry], **more}
        return PersonalizePermissions("recs", args).service_role_arn

    return run(program)


@pytest.mark.parametrize("use", ["import", "deletion", "batch", "export", "metrics"])
def test_what_the_component_opens_works(use: str) -> None:
    key = {"key_arn": KEY, "existing_policy": document(ROOT), "dataset_export": use == "export"}
    recorded = stack({"uses": [use]}, keys=[key], policy="least-privilege")
    diagnosis = explain(recorded, use=use, bucket="data", keys=(KEY,), person=user("alice"))
    assert diagnosis, diagnosis
    assert diagnosis.health is Health.WORKS
    assert "None of these policies prevents the access." in str(diagnosis)


def test_one_of_two_roles_with_the_same_logical_name_has_to_be_named() -> None:
    trust = document({"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:*"})

    def program() -> None:
        for parent in (pulumi.ComponentResource(f"acme:index:{name}", name) for name in ("One", "Two")):
            aws.iam.Role("recs", assume_role_policy=trust, opts=pulumi.ResourceOptions(parent=parent))

    with pytest.raises(InvalidQuestionError, match=r"name the role: .* are recs, recs"):
        explain(run(program), use="import", bucket="acme-data")


def test_a_use_that_was_not_opened_is_reported_with_what_to_write() -> None:
    diagnosis = explain(stack(), use="batch", bucket="acme-data")
    assert not diagnosis
    assert diagnosis.fault
    assert diagnosis.fault.policy.startswith("the policies of role recs-service-role-")
    assert diagnosis.fault.remedy[0].actions == ("s3:PutObject",)
    assert diagnosis.fault.remedy[0].resources == ("arn:aws:s3:::acme-data/*",)
    assert '"s3:PutObject"' in repr(diagnosis)


def test_a_prefix_is_asked_for_by_the_prefix() -> None:
    recorded = stack({"prefix": "in/"})
    assert explain(recorded, use="import", bucket="data", prefix="in/")
    assert not explain(recorded, use="import", bucket="data", prefix="out/")


def test_statements_for_somebody_elses_bucket_are_in_its_policy_or_missing() -> None:
    diagnosis = explain(stack({"bucket_policy": "statements"}), use="import", bucket="data")
    assert diagnosis.fault
    assert diagnosis.fault.policy == "the policy of bucket acme-data"


def test_the_key_of_a_buckets_encryption_is_found() -> None:
    def program() -> None:
        key = aws.kms.Key("datasets", policy=document(ROOT))
        data = aws.s3.Bucket("data", bucket="acme-data")
        default: Any = {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}
        aws.s3.BucketServerSideEncryptionConfiguration(
            "data", bucket=data.bucket, rules=[{"apply_server_side_encryption_by_default": default}]
        )
        entry: Any = {"bucket": data.bucket, "label": "data", "uses": ["import"]}
        PersonalizePermissions("recs", {"buckets": [entry]})

    diagnosis = explain(run(program), use="import", bucket="data")
    assert diagnosis.fault
    assert diagnosis.fault.remedy[0].actions == (
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
        "kms:ListGrants",
    )


def test_a_key_whose_policy_is_elsewhere_is_not_known() -> None:
    recorded = stack(keys=[{"key_arn": KEY, "key_policy": "statements"}])
    diagnosis = explain(recorded, use="import", bucket="data", keys=(KEY,))
    assert diagnosis.health is Health.UNKNOWN
    assert diagnosis.missing == (f"the policy of key {KEY}",)


def test_a_policy_that_is_not_known_is_no_answer() -> None:
    recorded = stack(policy="managed")
    assert explain(recorded, use="import", bucket="data")
    with pytest.raises(UnknownDocumentError, match="AmazonPersonalizeFullAccess"):
        explain(recorded, use="batch", bucket="data")
    with pytest.raises(UnknownDocumentError, match="AmazonPersonalizeFullAccess"):
        explain(recorded, use="import", bucket="data", person=user("alice"))


def test_which_role_is_meant_has_to_be_said_where_there_are_several() -> None:
    def program() -> None:
        for name in ("recs", "ads"):
            entry: Any = {"bucket": f"{name}-data", "label": name, "uses": ["import"]}
            PersonalizePermissions(name, {"buckets": [entry]})

    recorded = run(program)
    with pytest.raises(InvalidQuestionError, match="ads-service-role, recs-service-role"):
        explain(recorded, use="import", bucket="recs")
    assert explain(recorded, use="import", bucket="recs", role="recs-service-role")
    assert not explain(recorded, use="import", bucket="recs", role="ads-service-role")
    with pytest.raises(InvalidQuestionError, match="did you mean recs"):
        explain(recorded, use="import", bucket="rces", role="recs-service-role")


def test_a_denial_that_the_bucket_carries_is_reported() -> None:
    denial = {
        "Sid": "VpcOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::acme-data/*",
    }
    denial["Condition"] = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}  # type: ignore[assignment]
    mocks = PermissionsMocks(bucket_policies={"acme-data": document(denial)})

    def program() -> None:
        entry: Any = {"bucket": "acme-data", "label": "data", "uses": ["import"], "existing_policy": document(denial)}
        PersonalizePermissions("recs", {"buckets": [entry]})

    fault = explain(run(program, mocks), use="import", bucket="data").fault
    assert fault
    assert [each.statement.sid for each in fault.statements] == ["VpcOnly"]
    assert fault.outcome == "explicitly denied"


@pytest.mark.parametrize("boundary", [f"arn:aws:iam::{ACCOUNT}:policy/limit", "arn:aws:iam::aws:policy/ReadOnlyAccess"])
def test_a_boundary_that_is_not_known_is_no_answer(boundary: str) -> None:
    recorded = stack(service_role={"permissions_boundary": boundary})
    with pytest.raises(UnknownDocumentError, match=boundary):
        explain(recorded, use="import", bucket="data")
    allowing = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}

    def program() -> None:
        entry: Any = {"bucket": "acme-data", "label": "data", "uses": ["import"]}
        args: Any = {"buckets": [entry], "service_role": {"permissions_boundary": boundary}}
        PersonalizePermissions("recs", args)

    mocks = PermissionsMocks(managed_policies={boundary: document(allowing)})
    assert explain(run(program, mocks), use="import", bucket="data")


@pytest.mark.parametrize(
    ("prefix", "reported"),
    [
        ("/in/", 'prefix: /in/ starts with a slash, and object keys do not; write it without, such as "in/"'),
        ("s3://acme-data/in/", "names a bucket too"),
        ("in/*", "has wildcards or variables"),
    ],
)
def test_a_prefix_is_one_that_the_component_takes(prefix: str, reported: str) -> None:
    with pytest.raises(InvalidQuestionError, match=re.escape(reported)):
        explain(stack({"prefix": "in/"}), use="import", bucket="data", prefix=prefix)


def test_the_key_of_s3_itself_is_denied_by_a_deny() -> None:
    def program(*denied: str) -> None:
        data = aws.s3.Bucket("data", bucket="acme-data")
        default: Any = {"sse_algorithm": "aws:kms"}
        aws.s3.BucketServerSideEncryptionConfiguration(
            "data", bucket=data.bucket, rules=[{"apply_server_side_encryption_by_default": default}]
        )
        entry: Any = {"bucket": data.bucket, "label": "data", "uses": ["import"]}
        role = PersonalizePermissions("recs", {"buckets": [entry]}).service_role_name
        for action in denied:
            denial = document({"Effect": "Deny", "Action": action, "Resource": "*"})
            aws.iam.RolePolicy("denial", role=role, policy=denial)

    assert explain(run(program), use="import", bucket="data")
    fault = explain(run(lambda: program("kms:*")), use="import", bucket="data").fault
    assert fault
    assert [each.split(" ")[0] for each in fault.requests] == ["kms:Decrypt"]


def test_the_tags_of_a_role_are_known() -> None:
    def program() -> None:
        entry: Any = {"bucket": "acme-data", "label": "data", "uses": ["import"]}
        args: Any = {"buckets": [entry], "tags": {"team": "recs"}}
        role = PersonalizePermissions("recs", args).service_role_name
        denial: Any = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
        denial["Condition"] = {"StringNotEquals": {"aws:PrincipalTag/team": "recs"}}
        aws.iam.RolePolicy("denial", role=role, policy=document(denial))

    assert explain(run(program), use="import", bucket="data")
