"""What the proxy does to a caller is what AWS does: the AWS SDK itself says so."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from sandbox.errors import SandboxError
from tests.faults.injection import Call, Fault, FaultyCloud, Rule, Storm, Tally
from tests.faults.injection.answers import ERRORS
from tests.faults.world import KEY_POLICY, foreign_policy

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def client(faulty: FaultyCloud, service: str, attempts: int = 1, timeout: float = 20) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=faulty.cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(
            proxies={},
            s3={"addressing_style": "path"},
            read_timeout=timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
    )


ASKS = {"iam": "list_roles", "sts": "get_caller_identity", "s3": "list_buckets", "kms": "list_keys"}


def one_call(faulty: FaultyCloud, service: str, **how: Any) -> Any:
    return getattr(client(faulty, service, **how), ASKS[service])()


def roles(faulty: FaultyCloud) -> list[str]:
    return [role["RoleName"] for role in faulty.moto.iam().list_roles()["Roles"]]


ANSWERS = [(service, fault) for service, errors in ERRORS.items() for fault in errors]


@pytest.mark.parametrize(("service", "fault"), ANSWERS)
def test_an_error_is_read_by_the_sdk_as_the_services_own(service: str, fault: Fault, faulty: FaultyCloud) -> None:
    faulty.plan = Rule(meets=fault, only_writes=False)
    error = ERRORS[service][fault]
    with pytest.raises(ClientError) as caught:
        one_call(faulty, service)
    assert caught.value.response["Error"]["Code"] == error.code
    assert caught.value.response["Error"]["Message"] == error.message
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == error.status
    assert one_call(faulty, service)


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.UNAVAILABLE])
@pytest.mark.parametrize("service", ERRORS)
def test_the_sdk_repeats_what_passes(service: str, fault: Fault, faulty: FaultyCloud) -> None:
    faulty.plan = Rule(meets=fault, only_writes=False)
    assert one_call(faulty, service, attempts=2)["ResponseMetadata"]["RetryAttempts"] == 1
    assert faulty.met == {fault: 1}


def test_a_lost_request_never_reaches_the_account(faulty: FaultyCloud) -> None:
    faulty.plan = Rule(meets=Fault.LOST_REQUEST)
    with pytest.raises(ConnectionClosedError):
        client(faulty, "iam").create_role(RoleName="never-made", AssumeRolePolicyDocument=TRUST)
    assert "never-made" not in roles(faulty)


def test_a_lost_answer_is_about_something_done(faulty: FaultyCloud) -> None:
    faulty.plan = Rule(meets=Fault.LOST_ANSWER)
    with pytest.raises(ConnectionClosedError):
        client(faulty, "iam").create_role(RoleName="made", AssumeRolePolicyDocument=TRUST)
    assert "made" in roles(faulty)


def test_silence_ends_when_the_caller_gives_up(faulty: FaultyCloud) -> None:
    faulty.plan = Rule(meets=Fault.SILENT, only_writes=False)
    with pytest.raises(ReadTimeoutError):
        one_call(faulty, "iam", timeout=0.2)
    assert one_call(faulty, "iam")


def test_it_kills_nothing_but_a_run_of_its_own(faulty: FaultyCloud) -> None:
    faulty.plan = Rule(meets=Fault.KILLED_BEFORE)
    with pytest.raises(ConnectionClosedError):
        client(faulty, "iam").create_user(UserName="alice")
    error = faulty.errors.pop()
    assert isinstance(error, SandboxError)
    assert "there is nothing to kill" in str(error)


def test_calls_are_distinguished_as_policies_write_them(faulty: FaultyCloud) -> None:
    client(faulty, "iam").create_user(UserName="others")  # the key policy names it
    faulty.plan = seen = Tally()
    iam, s3, kms = client(faulty, "iam"), client(faulty, "s3"), client(faulty, "kms")
    iam.create_role(RoleName="maker", AssumeRolePolicyDocument=TRUST)
    iam.list_attached_role_policies(RoleName="maker")
    s3.create_bucket(Bucket="shop-data")
    s3.head_bucket(Bucket="shop-data")
    s3.put_bucket_policy(Bucket="shop-data", Policy=foreign_policy("shop-data"))
    s3.list_objects_v2(Bucket="shop-data")
    s3.put_object(Bucket="shop-data", Key="a/b", Body=b"c")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=KEY_POLICY)
    client(faulty, "sts").get_caller_identity()
    assert [(call.action, call.target, call.writes) for call in seen.calls] == [
        ("iam:CreateRole", "maker", True),
        ("iam:ListAttachedRolePolicies", "maker", False),
        ("s3:CreateBucket", "shop-data", True),
        ("s3:HeadBucket", "shop-data", False),
        ("s3:PutBucketPolicy", "shop-data", True),
        ("s3:ListObjects", "shop-data", False),
        ("s3:PutObject", "shop-data", True),
        ("kms:CreateKey", "", True),
        ("kms:PutKeyPolicy", key, True),
        ("sts:GetCallerIdentity", "", False),
    ]
    assert s3.get_object(Bucket="shop-data", Key="a/b")["Body"].read() == b"c"


def test_a_storm_is_the_same_for_the_same_seed_and_passes_in_the_end() -> None:
    calls = [Call("iam", operation, target) for operation in ("GetRole", "CreateRole") for target in "abcdefgh"]

    def weather(seed: int, order: list[Call]) -> dict[Call, list[Fault | None]]:
        storm = Storm(seed=seed, of=[Fault.THROTTLED, Fault.UNAVAILABLE, Fault.LOST_ANSWER], chance=0.7)
        met: dict[Call, list[Fault | None]] = {call: [] for call in order}
        for _ in range(9):
            for call in order:
                met[call].append(storm.fault(call))
        return met

    met = weather(1, calls)
    assert met == weather(1, calls[::-1])
    assert met != weather(2, calls)
    assert all(faults[2::3] == [None] * 3 for faults in met.values())
    assert {fault for faults in met.values() for fault in faults} == {
        None,
        Fault.THROTTLED,
        Fault.UNAVAILABLE,
        Fault.LOST_ANSWER,
    }
    assert all(Fault.LOST_ANSWER not in met[call] for call in calls if call.operation == "CreateRole")
