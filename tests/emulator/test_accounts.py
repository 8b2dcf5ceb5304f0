"""Regions, accounts and lookups; and that nothing but loopback is ever reached."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.emulator import lookups, schema
from sandbox.emulator.documents import normalize
from sandbox.emulator.session import UnsafeEndpointError, loopback
from sandbox.emulator.wire import Props
from tests.emulator.driver import BUCKET, BUCKET_POLICY, ROLE, TRUST, Engine, RefusedError, Start
from tests.support.documents import TEXTS

HOME = Path(__file__).parents[2]


class TestAccounts:
    def test_of_the_provider_is_moto_s(self, engine: Engine) -> None:
        assert engine.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"

    def test_of_an_assumed_role(self, start: Start) -> None:
        other = start(region="us-east-1", assumeRoles=json.dumps([{"roleArn": "arn:aws:iam::999988887777:role/x"}]))
        assert other.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "999988887777"
        made = other.create(ROLE, "r", assumeRolePolicy=TRUST)
        assert made.outputs["arn"].startswith("arn:aws:iam::999988887777:role/r-")
        assert start(region="us-east-1").adopt(ROLE, made.identity) is None

    def test_trusted_across_accounts_must_exist_there(self, start: Start) -> None:
        other = start(region="us-east-1", assumeRoles=json.dumps([{"roleArn": "arn:aws:iam::999988887777:role/x"}]))
        role = other.create(ROLE, "r", assumeRolePolicy=TRUST)
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": role.outputs["arn"]}}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        assert start(region="us-east-1").create(ROLE, "s", assumeRolePolicy=trust).identity

    @pytest.mark.parametrize(
        "argument", [{"allowedAccountIds": '["111122223333"]'}, {"forbiddenAccountIds": '["123456789012"]'}]
    )
    def test_that_are_not_allowed_are_refused(self, start: Start, argument: dict[str, str]) -> None:
        with pytest.raises(RefusedError, match="AWS account ID not allowed: 123456789012"):
            start(region="us-east-1", **argument)


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

    def test_must_be_known(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_REGION")
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        with pytest.raises(RefusedError, match="set aws:region or AWS_REGION"):
            start()


Answer = tuple[str, Props, Props]
"""A token, what it answered, and what of that was expected."""

LOOKUPS: tuple[tuple[str, Props, Props], ...] = (
    ("aws:iam/getGroup:getGroup", {"groupName": "team"}, {"arn": "arn:aws:iam::123456789012:group/team"}),
    ("aws:iam/getPolicy:getPolicy", {"name": "Shared"}, {"arn": "arn:aws:iam::123456789012:policy/Shared"}),
    (
        "aws:iam/getPolicy:getPolicy",
        {"arn": "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"},
        {"name": "AmazonPersonalizeFullAccess", "path": "/service-role/"},
    ),
    ("aws:iam/getRole:getRole", {"name": "existing"}, {"assumeRolePolicy": normalize(TRUST)}),
    ("aws:iam/getUser:getUser", {"userName": "ana"}, {"arn": "arn:aws:iam::123456789012:user/ana"}),
    ("aws:index/getCallerIdentity:getCallerIdentity", {}, {"accountId": "123456789012"}),
    ("aws:index/getPartition:getPartition", {}, {"reverseDnsPrefix": "com.amazonaws"}),
    ("aws:index/getRegion:getRegion", {}, {"id": "us-east-1"}),
    ("aws:s3/getBucket:getBucket", {"bucket": "data-bucket"}, {"arn": "arn:aws:s3:::data-bucket"}),
)


@pytest.fixture(scope="module")
def answers(furnished: tuple[Engine, dict[str, str]]) -> list[Answer]:
    engine, own = furnished
    engine.create(BUCKET_POLICY, "p", bucket="data-bucket", policy=TEXTS["bucket policy"])
    engine.create("aws:kms/alias:Alias", "a", name="alias/mine", targetKeyId=own["key"])
    cases = [
        *LOOKUPS,
        ("aws:s3/getBucketPolicy:getBucketPolicy", {"bucket": "data-bucket"}, {"bucket": "data-bucket"}),
        ("aws:kms/getKey:getKey", {"keyId": "alias/mine"}, {"id": own["key"], "keyId": "alias/mine"}),
        ("aws:kms/getAlias:getAlias", {"name": "alias/mine"}, {"targetKeyId": own["key"]}),
    ]
    return [(token, engine.invoke(token, **arguments), found) for token, arguments, found in cases]


class TestLookups:
    def test_answer_what_is_there(self, answers: list[Answer]) -> None:
        for token, answer, expected in answers:
            assert {name: answer[name] for name in expected} == expected, token

    def test_answer_in_the_words_of_pulumi_aws(self, answers: list[Answer]) -> None:
        assert {token for token, _, _ in answers} == lookups.TOKENS, "every lookup is shown"
        for token, answer, _ in answers:
            results = schema.function(token).results
            assert answer.keys() <= results, token
            assert results - answer.keys() <= {"pathPrefix", "grantTokens"}, token  # echoes of arguments not given

    @pytest.mark.parametrize(
        ("token", "arguments", "text"),
        [
            ("aws:iam/getRole:getRole", {"name": "none"}, "reading IAM Role (none): couldn't find resource"),
            ("aws:iam/getUser:getUser", {"userName": "none"}, "reading IAM User (none): couldn't find resource"),
            ("aws:iam/getGroup:getGroup", {"groupName": "none"}, "reading IAM Group (none): couldn't find resource"),
            ("aws:iam/getPolicy:getPolicy", {"name": "none"}, "reading IAM Policy (none): couldn't find resource"),
            ("aws:s3/getBucket:getBucket", {"bucket": "none"}, "reading S3 Bucket (none): couldn't find resource"),
            (
                "aws:s3/getBucketPolicy:getBucketPolicy",
                {"bucket": "other-bucket"},
                "Bucket (other-bucket) Policy: couldn't find resource",
            ),
            ("aws:kms/getKey:getKey", {"keyId": "00000000-0000-0000-0000-000000000000"}, "NotFoundException"),
            (
                "aws:kms/getAlias:getAlias",
                {"name": "alias/none"},
                "KMS Alias (alias/none): couldn't find resource",
            ),
            ("aws:ec2/getVpc:getVpc", {}, "the sandbox does not emulate aws:ec2/getVpc:getVpc"),
            ("aws:iam/getNothing:getNothing", {}, "pulumi-aws has no function aws:iam/getNothing:getNothing"),
            ("aws:iam/getRole:getRole", {"roleName": "x"}, "unknown argument 'roleName', did you mean 'name'?"),
        ],
    )
    def test_fail_as_the_real_ones(
        self, furnished: tuple[Engine, dict[str, str]], token: str, arguments: dict[str, str], text: str
    ) -> None:
        with pytest.raises(RefusedError) as refused:
            furnished[0].invoke(token, **arguments)
        assert text in str(refused.value)


class TestProviderInputs:
    def test_that_do_not_exist_are_refused(self, start: Start) -> None:
        with pytest.raises(RefusedError, match=r"unknown property 'regoin', did you mean 'region'\?"):
            start(regoin="us-east-1")

    def test_of_endpoints_elsewhere_are_refused(self, start: Start) -> None:
        with pytest.raises(RefusedError, match=r"https://iam\.amazonaws\.com is not loopback"):
            start(region="us-east-1", endpoints=json.dumps([{"iam": "https://iam.amazonaws.com"}]))

    def test_that_a_profile_would_give_are_ignored(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
        engine = start(region="us-east-1", profile="production", skipCredentialsValidation="true")
        assert engine.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"

    def test_through_a_proxy_nothing_goes(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://192.0.2.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        engine = start(region="us-east-1")
        assert engine.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://127.8.8.8:5000", True),
        ("http://localhost:5000", True),
        ("http://[::1]:5000", True),
        ("https://sts.amazonaws.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1:5000", False),
        ("http://169.254.169.254", False),
        ("http://127.0.0.1@example.com", False),
        ("127.0.0.1:5000", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_alone_is_reached(url: str | None, safe: bool) -> None:
    if safe:
        assert loopback(url) == url
    else:
        with pytest.raises(UnsafeEndpointError):
            loopback(url)


class TestProcess:
    def serve(self, **environment: str) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | environment
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox.emulator", "127.0.0.1:1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
            cwd=HOME,
        )

    def test_prints_its_port_and_nothing_else_and_ends_on_sigterm(self) -> None:
        process = self.serve(AWS_ENDPOINT_URL="http://127.0.0.1:9")
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version == schema.version()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
        assert (output, errors, process.returncode) == ("", "", 0)

    @pytest.mark.parametrize("environment", [{}, {"AWS_ENDPOINT_URL": "https://iam.amazonaws.com"}])
    def test_refuses_to_start_where_aws_could_be_reached(self, environment: dict[str, str]) -> None:
        output, errors = (process := self.serve(**environment)).communicate(timeout=60)
        assert process.returncode == 1
        assert output == ""
        assert "emulated aws provider" in errors
        assert "Traceback" not in errors

    def test_ends_when_its_parent_is_killed(self) -> None:
        script = (
            "import subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-m', 'sandbox.emulator'], stdout=subprocess.PIPE, text=True)\n"
            "child.stdout.readline()\n"
            "print(child.pid, flush=True)\n"
            "time.sleep(60)\n"
        )
        env = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
        parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=env, cwd=HOME)
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.communicate()
        deadline = time.monotonic() + 60
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the provider outlived its engine"
            time.sleep(0.1)

    def test_loads_neither_the_sdk_nor_pulumi_aws(self) -> None:
        code = (
            "import sys, sandbox.emulator.__main__; print(*(name for name in sys.modules if name.startswith('pulumi')))"
        )
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HOME)
        loaded = set(found.stdout.split())
        assert all(name.startswith("pulumi.runtime.proto.") for name in loaded)
        assert "pulumi.runtime.proto.provider_pb2" in loaded
