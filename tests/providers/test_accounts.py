"""Regions, accounts and lookups; and that nothing but this machine is ever reached."""

from __future__ import annotations

import json

import pytest

from sandbox.bridge.names import UnknownTypeError, terraform_type
from sandbox.emulator import rules
from sandbox.emulator.documents import normalize
from sandbox.safety import REGION
from tests.providers.driver import BUCKET, BUCKET_POLICY, ROLE, TRUST, Engine, Props, RefusedError, Start
from tests.support.documents import TEXTS, Aws, furnish

CALLER = "aws:index/getCallerIdentity:getCallerIdentity"
THEIRS = json.dumps([{"roleArn": "arn:aws:iam::999988887777:role/x"}])


class TestAccounts:
    def test_of_the_provider_is_moto_s(self, engine: Engine) -> None:
        assert engine.invoke(CALLER)["accountId"] == "123456789012"

    def test_of_an_assumed_role(self, start: Start) -> None:
        other = start(region=REGION, assumeRoles=THEIRS)
        assert other.invoke(CALLER)["accountId"] == "999988887777"
        made = other.create(ROLE, "r", assumeRolePolicy=TRUST)
        assert made.outputs["arn"].startswith("arn:aws:iam::999988887777:role/r-")
        assert start(region=REGION).adopt(ROLE, made.identity) is None

    @pytest.mark.parametrize(
        "argument", [{"allowedAccountIds": '["111122223333"]'}, {"forbiddenAccountIds": '["123456789012"]'}]
    )
    def test_that_are_not_allowed_are_refused(self, start: Start, argument: dict[str, str]) -> None:
        with pytest.raises(RefusedError, match="AWS account ID not allowed: 123456789012"):
            start(region=REGION, **argument)


class TestRegions:
    @pytest.mark.parametrize(
        ("region", "partition", "suffix"),
        [("us-west-2", "aws", "amazonaws.com"), ("cn-north-1", "aws-cn", "amazonaws.com.cn")],
    )
    def test_have_their_partition(self, start: Start, region: str, partition: str, suffix: str) -> None:
        engine = start(region=region)
        assert engine.invoke("aws:index/getRegion:getRegion")["region"] == region
        found = engine.invoke("aws:index/getPartition:getPartition")
        assert (found["partition"], found["dnsSuffix"]) == (partition, suffix)
        assert engine.create(ROLE, "r", assumeRolePolicy=TRUST).outputs["arn"].startswith(f"arn:{partition}:iam::")

    def test_of_a_bucket_is_the_provider_s(self, start: Start) -> None:
        made = start(region="eu-central-1").create(BUCKET, "b")
        assert made.outputs["bucketRegion"] == made.outputs["region"] == "eu-central-1"

    def test_of_another_bucket_s_policy_redirects(self, engine: Engine, aws: Aws) -> None:
        place = {"LocationConstraint": "eu-west-1"}
        aws("s3", "eu-west-1").create_bucket(Bucket="eu-bucket", CreateBucketConfiguration=place)
        with pytest.raises(RefusedError) as refused:
            engine.invoke("aws:s3/getBucketPolicy:getBucketPolicy", bucket="eu-bucket")
        reported = str(refused.value)
        assert "reading S3 Bucket (eu-bucket) Policy: operation error S3: GetBucketPolicy" in reported
        assert "StatusCode: 301" in reported
        assert "api error PermanentRedirect: The bucket you are attempting to access" in reported


Answer = tuple[str, Props, Props]
"""A token, its arguments, and what is expected of the answer."""

LOOKUPS: tuple[Answer, ...] = (
    ("aws:iam/getGroup:getGroup", {"groupName": "team"}, {"arn": "arn:aws:iam::123456789012:group/team"}),
    ("aws:iam/getPolicy:getPolicy", {"name": "Shared"}, {"arn": "arn:aws:iam::123456789012:policy/Shared"}),
    (
        "aws:iam/getPolicy:getPolicy",
        {"arn": "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"},
        {"name": "AmazonPersonalizeFullAccess", "path": "/service-role/"},
    ),
    ("aws:iam/getUser:getUser", {"userName": "ana"}, {"arn": "arn:aws:iam::123456789012:user/ana"}),
    (CALLER, {}, {"accountId": "123456789012"}),
    ("aws:index/getDefaultTags:getDefaultTags", {}, {"tags": {}}),
    ("aws:index/getPartition:getPartition", {}, {"reverseDnsPrefix": "com.amazonaws"}),
    ("aws:index/getRegion:getRegion", {}, {"id": "us-east-1", "region": "us-east-1"}),
    ("aws:s3/getBucket:getBucket", {"bucket": "data-bucket"}, {"arn": "arn:aws:s3:::data-bucket"}),
    ("aws:s3/getBucketPolicy:getBucketPolicy", {"bucket": "data-bucket"}, {"bucket": "data-bucket"}),
)
ABSENT: tuple[tuple[str, Props, str], ...] = (
    (
        "aws:s3/getBucketPolicy:getBucketPolicy",
        {"bucket": "other-bucket"},
        "reading S3 Bucket (other-bucket) Policy: couldn't find resource",
    ),
    (
        "aws:s3/getBucketPolicy:getBucketPolicy",
        {"bucket": "no-such-bucket"},
        "reading S3 Bucket (no-such-bucket) Policy: couldn't find resource",
    ),
    (
        "aws:s3/getBucket:getBucket",
        {"bucket": "no-such-bucket"},
        "reading S3 Bucket (no-such-bucket): couldn't find resource",
    ),
    ("aws:s3/getBucketPolicy:getBucketPolicy", {"name": "x"}, "unknown property 'name', did you mean"),
    ("aws:iam/getNothing:getNothing", {}, "has no type for aws:iam/getNothing:getNothing"),
)


def answered(token: str, provider: str) -> bool:
    """Whether the provider is to have an answer: the emulated one has those that the component asks for."""
    try:
        return provider != "emulated" or bool(terraform_type(token, rules.table("data_sources")))
    except UnknownTypeError:
        return False


def test_lookups_answer_what_is_there(engine: Engine, aws: Aws, provider: str) -> None:
    own = furnish(aws)
    aws("s3").put_bucket_policy(Bucket="data-bucket", Policy=TEXTS["bucket policy"])
    aws("kms").create_alias(AliasName="alias/mine", TargetKeyId=own["key"])
    cases: list[Answer] = [
        *LOOKUPS,
        ("aws:kms/getKey:getKey", {"keyId": "alias/mine"}, {"id": own["key"], "keyId": "alias/mine"}),
        ("aws:kms/getAlias:getAlias", {"name": "alias/mine"}, {"targetKeyId": own["key"]}),
        ("aws:iam/getRole:getRole", {"name": "existing"}, {"assumeRolePolicy": normalize(TRUST)}),
    ]
    emulated = rules.table("data_sources")
    for token, arguments, expected in cases:
        if not answered(token, provider):
            continue
        answer = engine.invoke(token, **arguments)
        if "assumeRolePolicy" in answer:
            answer["assumeRolePolicy"] = normalize(answer["assumeRolePolicy"])
        assert {name: answer[name] for name in expected} == expected, token
    shown = {terraform_type(token, emulated) for token, _, _ in cases if answered(token, "emulated")}
    assert shown == emulated.keys(), "every lookup is shown"


def test_lookups_fail_in_the_same_words(engine: Engine, aws: Aws) -> None:
    furnish(aws, keys=False)
    for token, arguments, text in ABSENT:
        with pytest.raises(RefusedError) as refused:
            engine.invoke(token, **arguments)
        assert text in str(refused.value), token


class TestProviderInputs:
    def test_that_do_not_exist_are_refused(self, start: Start) -> None:
        with pytest.raises(RefusedError, match=r"unknown property 'regoin'"):
            start(regoin=REGION)

    def test_of_endpoints_elsewhere_are_refused(self, start: Start) -> None:
        with pytest.raises(RefusedError, match=r"https://iam\.amazonaws\.com is not loopback"):
            start(region=REGION, endpoints=json.dumps([{"iam": "https://iam.amazonaws.com"}]))

    def test_through_a_proxy_nothing_goes(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://192.0.2.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1,localhost")
        assert start(region=REGION).invoke(CALLER)["accountId"] == "123456789012"


def test_the_policy_of_a_bucket_is_written_as_normalized_json(engine: Engine, aws: Aws) -> None:
    furnish(aws, keys=False)
    engine.create(BUCKET_POLICY, "p", bucket="data-bucket", policy=TEXTS["bucket policy reordered"])
    written = aws("s3").get_bucket_policy(Bucket="data-bucket")["Policy"]
    assert written == normalize(TEXTS["bucket policy reordered"])
