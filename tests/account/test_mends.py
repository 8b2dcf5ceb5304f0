"""What moto does otherwise than AWS, mended: each of these fails on moto alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.documents import TEXTS, Aws

if TYPE_CHECKING:
    from sandbox.cloud import Cloud


@pytest.fixture(autouse=True)
def empty(account: Cloud) -> None:
    account.reset()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"MaxSessionDuration": 3600}, ("first", 3600)),
        ({"Description": "second"}, ("second", 7200)),
        ({"Description": ""}, ("", 7200)),
        ({}, ("first", 7200)),
    ],
)
def test_update_role_changes_what_it_names(aws: Aws, change: dict[str, object], expected: tuple[str, int]) -> None:
    iam = aws("iam")
    trust = {"RoleName": "r", "AssumeRolePolicyDocument": TEXTS["trust"]}
    iam.create_role(**trust, Description="first", MaxSessionDuration=7200)
    iam.update_role(RoleName="r", **change)
    role = iam.get_role(RoleName="r")["Role"]
    assert (role.get("Description", ""), role["MaxSessionDuration"]) == expected


def test_attaching_twice_is_attaching_once(aws: Aws) -> None:
    iam = aws("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TEXTS["trust"])
    arn = iam.create_policy(PolicyName="p", PolicyDocument=TEXTS["identity"])["Policy"]["Arn"]
    for _ in range(2):
        iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    iam.detach_role_policy(RoleName="r", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_tag_of_another_case_is_the_same_tag(aws: Aws) -> None:
    iam = aws("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TEXTS["trust"], Tags=[{"Key": "Team", "Value": "a"}])
    iam.tag_role(RoleName="r", Tags=[{"Key": "team", "Value": "b"}])
    assert iam.list_role_tags(RoleName="r")["Tags"] == [{"Key": "team", "Value": "b"}]


def test_a_renamed_user_keeps_its_tags(aws: Aws) -> None:
    iam = aws("iam")
    iam.create_user(UserName="ana", Tags=[{"Key": "a", "Value": "1"}])
    iam.update_user(UserName="ana", NewUserName="nina", NewPath="/team/")
    user = iam.get_user(UserName="nina")["User"]
    assert user["Arn"] == "arn:aws:iam::123456789012:user/team/nina"
    assert user["Tags"] == [{"Key": "a", "Value": "1"}]


@pytest.mark.parametrize("renaming", [{}, {"NewGroupName": "crew"}])
def test_a_group_moves_without_another_name(aws: Aws, renaming: dict[str, str]) -> None:
    aws("iam").create_group(GroupName="crew")
    aws("iam").update_group(GroupName="crew", NewPath="/team/", **renaming)
    assert aws("iam").get_group(GroupName="crew")["Group"]["Path"] == "/team/"


def test_a_key_is_made_to_encrypt(aws: Aws) -> None:
    assert aws("kms").create_key()["KeyMetadata"]["KeyUsage"] == "ENCRYPT_DECRYPT"


def test_a_key_is_disabled_and_deleted_by_its_arn(aws: Aws) -> None:
    kms = aws("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=arn)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=arn)
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_every_bucket_is_encrypted(aws: Aws) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="data-bucket")
    rules = s3.get_bucket_encryption(Bucket="data-bucket")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
