"""An account with everything in it that the refusals need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from tests.support.documents import TEXTS, Aws, document, furnish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.cloud import Cloud

_EU = {"LocationConstraint": "eu-west-1"}


@pytest.fixture(scope="module")
def aws(account: Cloud) -> Aws:
    """Plain boto3, whose own checks of parameters are off: the account is to refuse."""

    def client(service: str, region: str = "us-east-1", key: str = "tests") -> Any:
        make: Callable[..., Any] = boto3.client
        return make(
            service,
            endpoint_url=account.endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key="tests",
            config=Config(parameter_validation=False, proxies={}, s3={"addressing_style": "path"}),
        )

    return client


@pytest.fixture(scope="module")
def furnished(account: Cloud, aws: Aws) -> Iterator[dict[str, Any]]:
    """The texts that only this account knows, and those that are long."""
    account.reset()
    own: dict[str, Any] = furnish(aws)
    iam, s3, kms = aws("iam"), aws("s3", "eu-west-1"), aws("kms")
    s3.create_bucket(Bucket="eu-bucket", CreateBucketConfiguration=_EU)
    iam.create_user(UserName="member")
    iam.create_group(GroupName="crew")
    iam.add_user_to_group(UserName="member", GroupName="crew")
    reserved = {"RoleName": "AWSReservedSSO_Analyst_0123456789abcdef", "Path": "/aws-reserved/sso.amazonaws.com/"}
    iam.create_role(**reserved, AssumeRolePolicyDocument=TEXTS["trust"])
    attached = iam.create_policy(PolicyName="Attached", PolicyDocument=TEXTS["identity"])["Policy"]["Arn"]
    iam.create_role(RoleName="holder", AssumeRolePolicyDocument=TEXTS["trust"])
    iam.attach_role_policy(RoleName="holder", PolicyArn=attached)
    dying = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=dying, PendingWindowInDays=7)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "personalize.amazonaws.com"}}
    allowed = {"Effect": "Allow", "Action": "personalize:*", "Resource": "*"}
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "arn:aws:s3:::data-bucket/*"}
    yield {
        **own,
        "attached policy": attached,
        "dying key": dying,
        "long trust": document(*({**statement, "Sid": f"s{number}"} for number in range(30))),
        "long identity": document(*({**allowed, "Sid": f"s{number}"} for number in range(120))),
        "long bucket policy": document(*({**reading, "Sid": f"s{number}"} for number in range(200))),
        "51 tags": [{"Key": f"tag{number}", "Value": "x"} for number in range(51)],
    }
    account.reset()
